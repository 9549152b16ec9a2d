-- Evidence that devices can be reached from outside: files that somebody brought, and what stands in them.

-- The files. The bytes lie in the data folder, under the digest.
CREATE TABLE exposure_import (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    document_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    file_name text NOT NULL,
    -- What it was read as, and from where somebody looked: outside, inside, unknown.
    format text NOT NULL,
    vantage text NOT NULL,
    -- How many pieces of evidence stood in it, and how many things could not be read.
    pieces bigint NOT NULL,
    lost bigint NOT NULL,
    added bigint NOT NULL,
    added_by text NOT NULL,
    -- When its evidence was taken away again, and by whom; the file stays.
    removed bigint,
    removed_by text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, document_id) REFERENCES document (org_id, id)
) CLUSTERED;

-- One row is one thing that a file says. `kind` is what about: `reach` is that something answers from outside; facts that
-- scans know of devices beside it come as kinds of their own.
CREATE TABLE exposure_evidence (
    org_id uuid NOT NULL REFERENCES organisation (id),
    import_id uuid NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    -- Of which address; or of which device, where a file names devices.
    address text,
    device_id uuid,
    port bigint,
    protocol text NOT NULL,
    service text,
    -- Who it is inside, where a border translates.
    inside_address text,
    inside_port bigint,
    source text NOT NULL,
    -- Where in the file.
    place text NOT NULL,
    seen bigint,
    confidence text NOT NULL,
    why text NOT NULL,
    PRIMARY KEY (org_id, import_id, position),
    FOREIGN KEY (org_id, import_id) REFERENCES exposure_import (org_id, id)
) CLUSTERED;
CREATE INDEX exposure_evidence_address ON exposure_evidence (org_id, address);
CREATE INDEX exposure_evidence_inside ON exposure_evidence (org_id, inside_address);
