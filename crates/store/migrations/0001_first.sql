-- The first schema. Every table of an organisation is keyed (org_id, id), so that a row cannot point at a row of
-- another organisation, and so that the key can shard later. Type words are PostgreSQL's; SQLite takes them as hints.
-- `CLUSTERED` becomes `WITHOUT ROWID` on SQLite: the row lives in its key's tree, without a second look-up.
-- Times are microseconds since 1970 (UTC), truth values 0 or 1, identifiers of kinds are the model's stable codes.

-- Reference tables: they belong to no organisation.
CREATE TABLE organisation (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    created bigint NOT NULL,
    -- Number of the last change. Changes of one organisation are serialised on this row; each row written carries
    -- the number as `changed`, so that a reader fetches only what moved since it looked last.
    changes bigint NOT NULL DEFAULT 0
) CLUSTERED;

CREATE TABLE account (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation (id),
    name text NOT NULL,
    name_key text NOT NULL UNIQUE,
    password text NOT NULL,
    must_change bigint NOT NULL,
    created bigint NOT NULL,
    signed_in bigint
) CLUSTERED;

CREATE TABLE session (
    -- SHA-256 of the session's id: who reads the database cannot take over a session.
    id bytea NOT NULL PRIMARY KEY,
    account_id uuid REFERENCES account (id) ON DELETE CASCADE,
    data bytea NOT NULL,
    expires bigint NOT NULL
) CLUSTERED;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE reference_state (
    id bigint NOT NULL PRIMARY KEY,
    -- Number of the last re-judgement; `software.changed` carries it.
    changes bigint NOT NULL,
    -- The state of the vulnerability data that all judgements stand on.
    snapshot text NOT NULL,
    -- 1 from the moment new judgements are stored until every organisation's findings follow them: whoever opens the
    -- database after a crash in between finishes the work.
    unfinished bigint NOT NULL
) CLUSTERED;
INSERT INTO reference_state (id, changes, snapshot, unfinished) VALUES (1, 0, '', 0);

CREATE TABLE weakness (
    id text NOT NULL PRIMARY KEY,
    -- The other ids of the alias group, parted by blanks.
    aliases text NOT NULL,
    summary text NOT NULL,
    severity bigint NOT NULL,
    cvss_vector text,
    cvss_score double precision,
    epss_score double precision,
    epss_percentile double precision,
    kev_added text,
    kev_due text,
    kev_ransomware bigint NOT NULL,
    malicious bigint NOT NULL
) CLUSTERED;

CREATE TABLE weakness_alias (
    alias text NOT NULL PRIMARY KEY,
    weakness text NOT NULL REFERENCES weakness (id)
) CLUSTERED;

CREATE TABLE software (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    version text,
    purl text,
    -- 0 for what no advisory could speak of: a service, a file.
    judged bigint NOT NULL,
    -- Why it cannot be judged at all, where so; and the most pressing answer, where judged.
    unassessed text,
    worst text,
    worst_reason text,
    changed bigint NOT NULL
) CLUSTERED;
CREATE INDEX software_changed ON software (changed);

-- The packages that a software may be known by, as advisories name them: what a changed advisory is looked up by.
CREATE TABLE software_package (
    package text NOT NULL,
    software_id uuid NOT NULL REFERENCES software (id),
    PRIMARY KEY (package, software_id)
) CLUSTERED;

CREATE TABLE judgement (
    software_id uuid NOT NULL REFERENCES software (id),
    weakness text NOT NULL REFERENCES weakness (id),
    answer text NOT NULL,
    reason text NOT NULL,
    fixed_in text NOT NULL,
    evidence text NOT NULL,
    PRIMARY KEY (software_id, weakness)
) CLUSTERED;
CREATE INDEX judgement_weakness ON judgement (weakness);

-- Tables of an organisation.
CREATE TABLE site (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, name_key)
) CLUSTERED;

CREATE TABLE document (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    sha256 bytea NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    size_bytes bigint NOT NULL,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE INDEX document_sha256 ON document (org_id, sha256);

CREATE TABLE content (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    format text NOT NULL,
    components bigint NOT NULL,
    services bigint NOT NULL,
    relations bigint NOT NULL,
    without_identifier bigint NOT NULL,
    changed bigint NOT NULL,
    -- Per component, in document order: software identity (16 bytes) and the parent on the shortest way from the
    -- subject (4 bytes). Enough for every list and path; the whole inventory is read for a release's own page only.
    skeleton bytea NOT NULL,
    inventory bytea NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX content_changed ON content (org_id, changed);

CREATE TABLE release (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    maker text NOT NULL,
    model text NOT NULL,
    version text,
    -- Maker, model and version, normalised: what makes two spellings the same release.
    release_key text NOT NULL,
    content_id uuid,
    changed bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, release_key),
    FOREIGN KEY (org_id, content_id) REFERENCES content (org_id, id)
) CLUSTERED;
CREATE INDEX release_changed ON release (org_id, changed);
CREATE INDEX release_content ON release (org_id, content_id);

CREATE TABLE sbom (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    release_id uuid NOT NULL,
    document_id uuid NOT NULL,
    content_id uuid NOT NULL,
    added bigint NOT NULL,
    replaced bigint,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, release_id) REFERENCES release (org_id, id),
    FOREIGN KEY (org_id, document_id) REFERENCES document (org_id, id),
    FOREIGN KEY (org_id, content_id) REFERENCES content (org_id, id)
) CLUSTERED;
CREATE INDEX sbom_release ON sbom (org_id, release_id, added);

CREATE TABLE class (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    release_id uuid NOT NULL,
    operating_system text,
    class_key text NOT NULL,
    -- Kept by the changes that write devices and findings; a test recounts them.
    devices bigint NOT NULL DEFAULT 0,
    affected bigint NOT NULL DEFAULT 0,
    cannot_tell bigint NOT NULL DEFAULT 0,
    known_exploited bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, release_id, class_key),
    FOREIGN KEY (org_id, release_id) REFERENCES release (org_id, id)
) CLUSTERED;
CREATE INDEX class_changed ON class (org_id, changed);

CREATE TABLE device (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    site_id uuid,
    asset_tag text,
    serial text,
    udi text,
    kind text,
    ward text,
    owner text,
    address text,
    host_name text,
    operating_system text,
    exposure text NOT NULL,
    support_ends text,
    -- Identities, normalised; a device is known again by any of them.
    asset_key text,
    serial_key text,
    udi_key text,
    -- Which list said which of the facts.
    sources text NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, class_id) REFERENCES class (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES site (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX device_asset ON device (org_id, asset_key);
CREATE UNIQUE INDEX device_serial ON device (org_id, serial_key);
CREATE UNIQUE INDEX device_udi ON device (org_id, udi_key);
CREATE INDEX device_changed ON device (org_id, changed);

CREATE TABLE finding (
    org_id uuid NOT NULL REFERENCES organisation (id),
    weakness text NOT NULL REFERENCES weakness (id),
    class_id uuid NOT NULL,
    answer text NOT NULL,
    reason text NOT NULL,
    software_id uuid NOT NULL,
    component bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_judged bigint NOT NULL,
    closed bigint,
    -- The weakness first: "who has it?" is one walk along the key.
    PRIMARY KEY (org_id, weakness, class_id),
    FOREIGN KEY (org_id, class_id) REFERENCES class (org_id, id)
) CLUSTERED;
CREATE INDEX finding_class ON finding (org_id, class_id);

CREATE TABLE weakness_count (
    org_id uuid NOT NULL REFERENCES organisation (id),
    weakness text NOT NULL REFERENCES weakness (id),
    affected bigint NOT NULL,
    cannot_tell bigint NOT NULL,
    releases bigint NOT NULL,
    PRIMARY KEY (org_id, weakness)
) CLUSTERED;

CREATE TABLE audit_entry (
    org_id uuid NOT NULL REFERENCES organisation (id),
    -- The number of the change: one, two, three, without a gap.
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (org_id, sequence),
    UNIQUE (org_id, id)
) CLUSTERED;
