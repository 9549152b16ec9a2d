-- Physical and media facts that people write down: media that were destroyed, devices that changed hands, visits, reviews of
-- access, drills. Nothing is edited: a fact is taken back with a reason, and written anew.
CREATE TABLE written_fact (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    -- A kind of the program's table.
    kind text NOT NULL,
    -- The day on which it was.
    day text NOT NULL,
    -- What it is about: a serial number, a site, a vendor, a system.
    system text NOT NULL,
    -- The fields that are filled in, as a JSON object of texts.
    fields text NOT NULL,
    -- What tells it from others: the same fact is kept once.
    digest bytea NOT NULL,
    added bigint NOT NULL,
    added_by text NOT NULL,
    withdrawn bigint,
    withdrawn_by text,
    withdrawn_for text,
    PRIMARY KEY (org_id, id)
) CLUSTERED;

CREATE UNIQUE INDEX written_fact_digest ON written_fact (org_id, digest) WHERE withdrawn IS NULL;
