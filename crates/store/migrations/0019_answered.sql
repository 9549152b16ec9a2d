-- What nobody knew and somebody answered: facts with who said them, and who was asked for what.
CREATE TABLE fact (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    changed bigint NOT NULL,
    -- Of a release, or of every release of a model; what belongs to the other is empty.
    release_id uuid,
    maker text,
    model text,
    -- runs_on, contains, has, has_not, lacks; the rest belongs to `contains`.
    kind text NOT NULL,
    subject text NOT NULL,
    version text,
    purl text,
    cpe text,
    said_by text NOT NULL,
    said_on text NOT NULL,
    source text NOT NULL,
    document_id uuid,
    -- The key of the question that it answers.
    question text,
    recorded bigint NOT NULL,
    author text NOT NULL,
    revoked bigint,
    revoked_by text,
    revoked_for text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, release_id) REFERENCES release (org_id, id),
    FOREIGN KEY (org_id, document_id) REFERENCES document (org_id, id)
) CLUSTERED;

-- What the devices of a class are judged by, where that is more than the bill of materials of their release: the bill with
-- the operating system of a device list and with what was answered. Empty where it is the bill.
ALTER TABLE class ADD COLUMN content_id uuid;

-- An action that waits for an answer: the key of the question, and who was asked.
ALTER TABLE action ADD COLUMN question text;
ALTER TABLE action ADD COLUMN asked text;
