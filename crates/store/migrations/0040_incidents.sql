-- Incidents: what happened, what was learned of it, what was decided, and what was written to whom.
CREATE TABLE incident (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    changed bigint NOT NULL,
    number bigint NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    opened bigint NOT NULL,
    author text NOT NULL,
    owner text NOT NULL,
    closed bigint,
    closed_by text,
    closed_for text,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX incident_number ON incident (org_id, number);

-- What was learned, done or said. Rows are added and never changed; a correction is one more row.
CREATE TABLE incident_event (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    kind text NOT NULL,
    on_day text,
    to_day text,
    -- Who knew, how somebody was harmed, which letter: by the kind.
    code text,
    state text,
    -- Whether the associate is an agent, or a statement in writing: 1 or 0.
    flag bigint,
    -- Whether a statement is documented: 1 or 0.
    documented bigint,
    total bigint,
    note text NOT NULL,
    corrects bigint,
    privileged bigint NOT NULL,
    PRIMARY KEY (org_id, incident_id, number),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;

-- Affected residents of a State, of an event that counts.
CREATE TABLE incident_resident (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    number bigint NOT NULL,
    state text NOT NULL,
    residents bigint NOT NULL,
    PRIMARY KEY (org_id, incident_id, number, state),
    FOREIGN KEY (org_id, incident_id, number) REFERENCES incident_event (org_id, incident_id, number)
) CLUSTERED;

CREATE TABLE incident_device (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    device_id uuid NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (org_id, incident_id, device_id),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id),
    FOREIGN KEY (org_id, device_id) REFERENCES device (org_id, id)
) CLUSTERED;

CREATE TABLE incident_alert (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    item_id uuid NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (org_id, incident_id, item_id),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;

-- Steps of the checklist that were done.
CREATE TABLE incident_step (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    step text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (org_id, incident_id, step),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;

-- Versions of the assessment as a breach; a draft until it is approved.
CREATE TABLE breach_assessment (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    version bigint NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    secured_by text,
    key_apart bigint,
    exception text,
    exception_why text,
    weighed text,
    reason text NOT NULL,
    approved bigint,
    approved_by text,
    notifiable bigint,
    PRIMARY KEY (org_id, incident_id, version),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;

CREATE TABLE breach_factor (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    version bigint NOT NULL,
    factor text NOT NULL,
    answer text NOT NULL,
    evidence text NOT NULL,
    PRIMARY KEY (org_id, incident_id, version, factor),
    FOREIGN KEY (org_id, incident_id, version) REFERENCES breach_assessment (org_id, incident_id, version)
) CLUSTERED;

-- Versions of letters, and that they went out.
CREATE TABLE incident_letter (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    state text,
    version bigint NOT NULL,
    body text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    sent_on text,
    sent_how text,
    sent_proof text,
    sent_by text,
    sent_at bigint,
    PRIMARY KEY (org_id, incident_id, number),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;
