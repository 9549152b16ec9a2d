-- Attempts at the quiz of a course. The seed decides the order in which it is asked, and stays here.
CREATE TABLE attempt (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    duty_id uuid NOT NULL,
    worker_id uuid NOT NULL,
    course text NOT NULL,
    sha256 text NOT NULL,
    -- Eight bytes.
    seed bytea NOT NULL,
    begun bigint NOT NULL,
    ends bigint NOT NULL,
    answered bigint,
    -- What was chosen: places of questions and answers in the course, as JSON.
    chosen text,
    answered_right bigint,
    answered_of bigint,
    -- 1 or 0.
    passed bigint,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, duty_id) REFERENCES duty (org_id, id),
    FOREIGN KEY (org_id, worker_id) REFERENCES worker (org_id, id)
) CLUSTERED;
CREATE INDEX attempt_worker ON attempt (org_id, worker_id, duty_id);
