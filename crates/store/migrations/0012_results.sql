-- Who asked for a job, what comes out of it for them to fetch, and how often regular work is done.

-- The account that asked; none for what the program asks for by itself. It sees and stops its own jobs.
ALTER TABLE job ADD COLUMN account_id uuid;
CREATE INDEX job_account ON job (org_id, account_id);

-- A file that a job made, in the data folder under the job's id.
CREATE TABLE job_result (
    org_id uuid NOT NULL REFERENCES organisation (id),
    job_id uuid NOT NULL,
    -- What it is: `devices.report`, `sbom.receipt`, or the media type of a file to be saved.
    kind text NOT NULL,
    name text NOT NULL,
    size_bytes bigint NOT NULL,
    -- It is not given out from then on, and removed soon after.
    expires bigint NOT NULL,
    PRIMARY KEY (org_id, job_id)
) CLUSTERED;
CREATE INDEX job_result_expires ON job_result (org_id, expires);

-- How often regular work is done where somebody chose another pace than the program's own. For the whole installation.
CREATE TABLE regular (
    kind text NOT NULL PRIMARY KEY,
    minutes bigint NOT NULL
) CLUSTERED;
