-- Vendors: what each holds, the agreement with each, what it was asked, and the incidents of its own.
CREATE TABLE vendor (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    services text NOT NULL,
    -- What data of patients it holds, in words; empty where nobody said.
    holds text NOT NULL,
    -- Whether it holds electronic PHI, and whether it is a business associate: yes, no, unknown.
    ephi text NOT NULL,
    associate text NOT NULL,
    contact text NOT NULL,
    security_contact text NOT NULL,
    -- Days within which it said that it tells of a breach.
    notice_days bigint,
    -- Names of subcontractors with our data, one a line; and the day on which it confirmed that each signed the same.
    subcontractors text NOT NULL,
    attested text,
    -- The day on which the relation is looked at anew.
    renewal text,
    -- What it is called as a maker of devices.
    maker text NOT NULL,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, id)
) CLUSTERED;

CREATE TABLE vendor_agreement (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    vendor_id uuid NOT NULL,
    title text NOT NULL,
    -- The text, as a document; the bytes lie in the data folder, under the digest.
    document_id uuid,
    sha256 bytea,
    file_name text,
    -- Days, and who signed for the vendor.
    signed text,
    signer text,
    effective text,
    expires text,
    -- returned, destroyed, kept: what became of PHI at the end, and what shows it.
    ended text,
    ended_how text,
    ended_note text,
    ended_by text,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, vendor_id) REFERENCES vendor (org_id, id),
    FOREIGN KEY (org_id, document_id) REFERENCES document (org_id, id)
) CLUSTERED;

-- Clauses that somebody found in the text, and where.
CREATE TABLE vendor_clause (
    org_id uuid NOT NULL REFERENCES organisation (id),
    agreement_id uuid NOT NULL,
    clause text NOT NULL,
    place text NOT NULL,
    checked bigint NOT NULL,
    checked_by text NOT NULL,
    PRIMARY KEY (org_id, agreement_id, clause),
    FOREIGN KEY (org_id, agreement_id) REFERENCES vendor_agreement (org_id, id)
) CLUSTERED;

-- Links by which a vendor answers the questionnaire, once. Only the hash of a link is kept.
CREATE TABLE vendor_link (
    org_id uuid NOT NULL REFERENCES organisation (id),
    code bytea NOT NULL,
    vendor_id uuid NOT NULL,
    made bigint NOT NULL,
    made_by text NOT NULL,
    expires bigint NOT NULL,
    used bigint,
    -- Who answered, as they wrote it.
    answerer text,
    PRIMARY KEY (org_id, code),
    FOREIGN KEY (org_id, vendor_id) REFERENCES vendor (org_id, id)
) CLUSTERED;

CREATE TABLE vendor_answer (
    org_id uuid NOT NULL REFERENCES organisation (id),
    code bytea NOT NULL,
    question text NOT NULL,
    -- yes, no, unknown.
    answer text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (org_id, code, question),
    FOREIGN KEY (org_id, code) REFERENCES vendor_link (org_id, code)
) CLUSTERED;

-- What a maker of devices was asked for.
CREATE TABLE vendor_request (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    vendor_id uuid NOT NULL,
    -- sbom, mds2.
    kind text NOT NULL,
    about text NOT NULL,
    asked text NOT NULL,
    asked_by text NOT NULL,
    due text NOT NULL,
    answered text,
    answer text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, vendor_id) REFERENCES vendor (org_id, id)
) CLUSTERED;

-- Incidents that are a vendor's own, with the days of its notice.
CREATE TABLE vendor_incident (
    org_id uuid NOT NULL REFERENCES organisation (id),
    vendor_id uuid NOT NULL,
    incident_id uuid NOT NULL,
    discovered text,
    told text,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, vendor_id, incident_id),
    FOREIGN KEY (org_id, vendor_id) REFERENCES vendor (org_id, id),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;
