-- What follows from an exercise as an action of the board: which exercise, by the name and place that the plan calls it, and which of its lines.
CREATE TABLE exercise_follow_up (
    org_id uuid NOT NULL REFERENCES organisation (id),
    action_id uuid NOT NULL,
    exercise text NOT NULL,
    place text NOT NULL,
    -- The line of the exercise, as it was written.
    what text NOT NULL,
    PRIMARY KEY (org_id, action_id),
    FOREIGN KEY (org_id, action_id) REFERENCES action (org_id, id)
) CLUSTERED;
