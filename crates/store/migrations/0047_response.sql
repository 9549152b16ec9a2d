-- The plan for incidents: contacts, downtime steps, who may disconnect what, exercises. Rows are only added; the newest of a kind, a name and
-- a place counts, and one that is withdrawn ends them.
CREATE TABLE response_entry (
    org_id uuid NOT NULL REFERENCES organisation (id),
    number bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    place text NOT NULL,
    rank bigint NOT NULL,
    person text NOT NULL,
    reach text NOT NULL,
    body text NOT NULL,
    follow_ups text NOT NULL,
    day text,
    -- Whether it ends what was said before: 1 or 0.
    withdrawn bigint NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, number)
) CLUSTERED;
