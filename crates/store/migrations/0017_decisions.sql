-- What people decided on weaknesses, and what is to be done about them.
CREATE TABLE decision (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    changed bigint NOT NULL,
    -- The id that it was decided under; the alias group may have grown since.
    weakness text NOT NULL,
    -- devices, release, model or organisation; what belongs to the others is empty.
    scope text NOT NULL,
    release_id uuid,
    maker text,
    model text,
    up_to text,
    verdict text NOT NULL,
    justification text,
    until text,
    approver text,
    -- Keys of the components it was taken on, one a line.
    components text NOT NULL,
    reason text NOT NULL,
    author text NOT NULL,
    decided bigint NOT NULL,
    review_on text,
    -- The VEX statement that was accepted, where one was.
    statement text,
    -- What was known: ids of records parted by blanks, severity, whether exploited.
    records text NOT NULL,
    severity bigint NOT NULL,
    exploited bigint NOT NULL,
    withdrawn bigint,
    withdrawn_by text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, release_id) REFERENCES release (org_id, id)
) CLUSTERED;
CREATE INDEX decision_changed ON decision (org_id, changed);

-- The devices of a decision on single ones.
CREATE TABLE decision_device (
    org_id uuid NOT NULL REFERENCES organisation (id),
    decision_id uuid NOT NULL,
    device_id uuid NOT NULL,
    PRIMARY KEY (org_id, decision_id, device_id),
    FOREIGN KEY (org_id, decision_id) REFERENCES decision (org_id, id),
    FOREIGN KEY (org_id, device_id) REFERENCES device (org_id, id)
) CLUSTERED;

CREATE TABLE action (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    changed bigint NOT NULL,
    -- The decision that it carries out, where it does.
    decision_id uuid,
    weakness text,
    what text NOT NULL,
    owner text NOT NULL,
    due text NOT NULL,
    -- The outer limit, and where it stands written.
    limit_on text,
    limit_source text,
    proof_needed text,
    remaining_risk text,
    cost text,
    -- open, done or dropped; the rest says when, by whom, and by what proof or for what reason.
    state text NOT NULL,
    ended bigint,
    ended_by text,
    ended_note text,
    created bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, decision_id) REFERENCES decision (org_id, id)
) CLUSTERED;
CREATE INDEX action_decision ON action (org_id, decision_id);

-- A finding that a decision took away: it is closed, and would be open without the decision.
ALTER TABLE finding ADD COLUMN ruled_out uuid;
