-- Statements on weaknesses in products (VEX) that an organisation received, and whose word it takes.

-- The documents. The bytes lie in the data folder, under the digest.
CREATE TABLE vex_document (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    document_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    -- The issuer's own id, and the title where it has one.
    name text NOT NULL,
    title text,
    -- Format and version: OpenVEX 0.2.0.
    format text NOT NULL,
    -- What the issuer is pinned by, and how it is named.
    issuer_key text NOT NULL,
    issuer_name text NOT NULL,
    role text,
    namespace text,
    -- Version and times as written.
    version text NOT NULL,
    issued text,
    updated text,
    tlp text NOT NULL,
    -- How many things of it could not be read.
    lost bigint NOT NULL,
    added bigint NOT NULL,
    -- The document that takes its place.
    replaced_by uuid,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, document_id) REFERENCES document (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX vex_document_digest ON vex_document (org_id, sha256);

CREATE TABLE vex_statement (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    vex_document_id uuid NOT NULL,
    -- Its place among those of the document.
    position bigint NOT NULL,
    -- The id that the weakness is called by, and the status.
    weakness text NOT NULL,
    status text NOT NULL,
    -- All of it, as JSON of ours.
    body text NOT NULL,
    -- When somebody put it aside.
    declined bigint,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, vex_document_id) REFERENCES vex_document (org_id, id)
) CLUSTERED;
CREATE INDEX vex_statement_document ON vex_statement (org_id, vex_document_id);

-- Issuers whose statements count, and for which makers' products. A person pins each.
CREATE TABLE vex_issuer (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    issuer_key text NOT NULL,
    name text NOT NULL,
    -- One maker on each line; none for all.
    makers text NOT NULL,
    pinned bigint NOT NULL,
    pinned_by text NOT NULL,
    -- Since when its statements are accepted without a person where nobody's life hangs on it, and who said so.
    automatic bigint,
    automatic_by text,
    PRIMARY KEY (org_id, issuer_key)
) CLUSTERED;
