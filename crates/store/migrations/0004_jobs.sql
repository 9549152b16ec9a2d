-- Work that the program does later or by the clock, so that it is kept by the same transaction as the change that asks
-- for it, and so that any number of processes can share it.

CREATE TABLE job (
    id uuid NOT NULL PRIMARY KEY,
    -- For which organisation; none for what the whole installation needs. Workers look for work of all organisations,
    -- so row-level security cannot guard this table; its module does.
    org_id uuid REFERENCES organisation (id),
    kind text NOT NULL,
    -- JSON, by kind. No secrets: they stay where they are sealed.
    payload text NOT NULL,
    state text NOT NULL,
    -- What would be the same work; gone as soon as the job is over, so that it can be asked for again.
    unique_key text UNIQUE,
    -- Not before.
    run_at bigint NOT NULL,
    -- How often it was begun.
    attempt bigint NOT NULL DEFAULT 0,
    -- Made anew at every claim: what a worker writes counts only while it still names this one.
    lease uuid,
    worker text,
    leased_until bigint,
    cancel_asked bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    -- What it is at, or what came out, or why it failed.
    words text NOT NULL DEFAULT '',
    created bigint NOT NULL,
    created_by text NOT NULL,
    started bigint,
    ended bigint,
    -- When anything here last moved: what a page that is open compares itself with.
    moved bigint NOT NULL
) CLUSTERED;
CREATE INDEX job_due ON job (state, run_at);
CREATE INDEX job_org ON job (org_id, created);
CREATE INDEX job_moved ON job (org_id, moved);
CREATE INDEX job_kind ON job (kind, ended);

CREATE TABLE job_line (
    job_id uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    at bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (job_id, number)
) CLUSTERED;
