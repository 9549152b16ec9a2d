-- The programme that the law asks for: documents that show something, decisions on addressable specifications, and how every
-- requirement stood from day to day.

-- A document that shows the value of a signal for a system. The bytes lie in the data folder, under the digest.
CREATE TABLE proof (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    document_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    -- The requirement that it was brought for; its signal counts wherever the signal is asked for.
    requirement text NOT NULL,
    signal text NOT NULL,
    system text NOT NULL,
    -- The value that it shows, as it was typed: "yes", "0", "12", "95/100".
    shows text NOT NULL,
    -- Days, inclusive: what it is about, when it was collected, until when it counts.
    about_from text NOT NULL,
    about_to text,
    collected text NOT NULL,
    collector text NOT NULL,
    expires text,
    added bigint NOT NULL,
    added_by text NOT NULL,
    withdrawn bigint,
    withdrawn_by text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, document_id) REFERENCES document (org_id, id)
) CLUSTERED;

-- A decision on an addressable specification (45 CFR 164.306(d)(3)). Of one requirement and the same systems the last one counts.
CREATE TABLE programme_decision (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    requirement text NOT NULL,
    -- implement, alternative, not_reasonable.
    outcome text NOT NULL,
    measure text,
    -- Names of systems, one a line; empty for all.
    systems text NOT NULL,
    reason text NOT NULL,
    approver text NOT NULL,
    decided text NOT NULL,
    review_by text NOT NULL,
    -- The document that shows the measure or the assessment.
    proof_id uuid,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, proof_id) REFERENCES proof (org_id, id)
) CLUSTERED;

-- What was known on a day: of a day the last note stays.
CREATE TABLE programme_day (
    org_id uuid NOT NULL REFERENCES organisation (id),
    day text NOT NULL,
    taken bigint NOT NULL,
    -- The facts that the program computed, as JSON; and the versions of the catalogues, one a line.
    facts text NOT NULL,
    catalogues text NOT NULL,
    PRIMARY KEY (org_id, day)
) CLUSTERED;

-- How every requirement stood, as known that day.
CREATE TABLE programme_state (
    org_id uuid NOT NULL REFERENCES organisation (id),
    day text NOT NULL,
    requirement text NOT NULL,
    -- yes, no, not_assessed.
    applies text NOT NULL,
    state text NOT NULL,
    overdue bigint NOT NULL,
    reason text NOT NULL,
    catalogue text NOT NULL,
    PRIMARY KEY (org_id, day, requirement),
    FOREIGN KEY (org_id, day) REFERENCES programme_day (org_id, day)
) CLUSTERED;
