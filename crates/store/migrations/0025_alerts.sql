-- Alerts of other programs: where they come from, what was received, and the work that they make. What is received is
-- accounted for: the events of a segment are those of its items, in the transaction that says how far its file was read.

CREATE TABLE alert_source (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    -- What people call it.
    name text NOT NULL,
    -- The kind of its lines; empty where each line tells.
    kind text NOT NULL,
    -- The mapping file of a source of other JSON.
    mapping text,
    -- The zone of times that name none; UTC where it is empty.
    zone text,
    -- The addresses that are ours, beside private ones, separated by blanks.
    own text NOT NULL,
    -- The highest severity number of plain syslog that is an alert.
    syslog_severity bigint NOT NULL,
    -- The file that is followed.
    path text,
    -- Days that events are kept; their numbers stay.
    keep_days bigint NOT NULL,
    -- Minutes without anything after which it counts as silent.
    silent_minutes bigint,
    added bigint NOT NULL,
    -- When something last came.
    heard bigint,
    -- What was wrong with it last, and since when.
    trouble text,
    troubled bigint,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX alert_source_name ON alert_source (org_id, name);

-- A file that was read, and how far. It is known again by its first bytes, whatever it is called by then.
CREATE TABLE alert_file (
    org_id uuid NOT NULL REFERENCES organisation (id),
    source_id uuid NOT NULL,
    id uuid NOT NULL,
    -- SHA-256 of the first bytes, and how many those are.
    head bytea NOT NULL,
    head_length bigint NOT NULL,
    read_to bigint NOT NULL,
    -- When it was read last.
    read bigint NOT NULL,
    -- One where it was read as the file that the source follows.
    followed bigint NOT NULL,
    PRIMARY KEY (org_id, source_id, id),
    FOREIGN KEY (org_id, source_id) REFERENCES alert_source (org_id, id)
) CLUSTERED;

-- What was received at once. The events as they are kept lie in the data folder, packed, under their digest.
CREATE TABLE alert_segment (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    received bigint NOT NULL,
    -- Of the packed events; empty where there are none. And one as long as they are kept.
    sha256 bytea NOT NULL,
    kept bigint NOT NULL,
    -- By which way it came: file, push, listener; gap, where a file was rotated away before it was read.
    way text NOT NULL,
    -- In its file; zero by other ways.
    first_byte bigint NOT NULL,
    end_byte bigint NOT NULL,
    -- Lines, and what they are: each is one of the four.
    lines bigint NOT NULL,
    events bigint NOT NULL,
    counters bigint NOT NULL,
    no_alerts bigint NOT NULL,
    not_understood bigint NOT NULL,
    -- Why lines were not understood, and how many each, as text of ours.
    reasons text NOT NULL,
    -- What the source says of itself between the readings of its counters in here and those before: alerts raised and lost,
    -- and how many events came between them. Then how often its counters went back without it having been started anew.
    raised bigint,
    lost bigint,
    compared bigint NOT NULL,
    lies bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, source_id) REFERENCES alert_source (org_id, id)
) CLUSTERED;
CREATE INDEX alert_segment_received ON alert_segment (org_id, received);

-- What people wrote down about items that are closed without being looked at one by one.
CREATE TABLE alert_policy (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    -- Why such items may be closed, in a sentence, and the code of the reason.
    sentence text NOT NULL,
    reason text NOT NULL,
    -- What it closes: all that is said must hold.
    source_id uuid,
    rule text NOT NULL,
    attacker text,
    device_id uuid,
    path text,
    -- The worst outcome that it closes.
    outcome text NOT NULL,
    approved bigint NOT NULL,
    approver text NOT NULL,
    expires bigint NOT NULL,
    ended bigint,
    PRIMARY KEY (org_id, id)
) CLUSTERED;

-- Pieces of work. Events with the same key are one.
CREATE TABLE alert_item (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    key bytea NOT NULL,
    source_id uuid NOT NULL,
    rule text NOT NULL,
    rule_name text,
    severity text NOT NULL,
    device_id uuid,
    address text,
    attacker text,
    path text NOT NULL,
    outcome text NOT NULL,
    -- Events, and how often they happened as their source counts.
    events bigint NOT NULL,
    times bigint NOT NULL,
    first_event bigint NOT NULL,
    last_event bigint NOT NULL,
    -- When to act: the higher, the sooner.
    urgency bigint NOT NULL,
    -- When it was opened, for the last time, and by when somebody is to have it, to say what it is, and to close it.
    opened bigint NOT NULL,
    take_by bigint NOT NULL,
    decide_by bigint NOT NULL,
    close_by bigint NOT NULL,
    -- Who has it, and since when.
    owner text,
    taken bigint,
    -- Why it was closed, in a code and a sentence, by whom, when, and by which written policy.
    reason text,
    sentence text,
    closed bigint,
    closed_by text,
    policy_id uuid,
    -- How often it came again after it was closed.
    reopened bigint NOT NULL,
    -- How often somebody was told that nobody has it, and when last.
    told bigint NOT NULL,
    told_at bigint,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, source_id) REFERENCES alert_source (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX alert_item_key ON alert_item (org_id, key);
CREATE INDEX alert_item_open ON alert_item (org_id, urgency DESC, take_by, id) WHERE closed IS NULL;
CREATE INDEX alert_item_last ON alert_item (org_id, last_event);
CREATE INDEX alert_item_device ON alert_item (org_id, device_id);

-- How many events an item got on a day of receipt: days since 1970-01-01, UTC.
CREATE TABLE alert_tally (
    org_id uuid NOT NULL REFERENCES organisation (id),
    day bigint NOT NULL,
    item_id uuid NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (org_id, day, item_id),
    FOREIGN KEY (org_id, item_id) REFERENCES alert_item (org_id, id)
) CLUSTERED;
CREATE INDEX alert_tally_item ON alert_tally (org_id, item_id);

-- What happened to an item.
CREATE TABLE alert_step (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    at bigint NOT NULL,
    -- taken, handed_over, decided, closed, reopened, comment, told.
    kind text NOT NULL,
    who text NOT NULL,
    text text NOT NULL,
    -- Since when it was open then, by when the step was due, and how many events it had.
    opened bigint NOT NULL,
    due bigint,
    events bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, item_id) REFERENCES alert_item (org_id, id)
) CLUSTERED;
CREATE INDEX alert_step_item ON alert_step (org_id, item_id);
CREATE INDEX alert_step_at ON alert_step (org_id, at);

-- The newest reading of a source's own counters, by sensor, as text of ours; and how many events of the sensor came since.
CREATE TABLE alert_counter (
    org_id uuid NOT NULL REFERENCES organisation (id),
    source_id uuid NOT NULL,
    sensor text NOT NULL,
    body text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (org_id, source_id, sensor),
    FOREIGN KEY (org_id, source_id) REFERENCES alert_source (org_id, id)
) CLUSTERED;

-- Which device held an address: from a moment (open where it is the first that is known of the address) to another.
CREATE TABLE alert_address (
    org_id uuid NOT NULL REFERENCES organisation (id),
    address text NOT NULL,
    device_id uuid NOT NULL,
    since bigint NOT NULL,
    until bigint,
    PRIMARY KEY (org_id, address, device_id, since)
) CLUSTERED;
CREATE INDEX alert_address_device ON alert_address (org_id, device_id);

-- Up to which change of the organisation its devices' addresses were looked at.
CREATE TABLE alert_state (
    org_id uuid NOT NULL REFERENCES organisation (id),
    addresses_to bigint NOT NULL,
    PRIMARY KEY (org_id)
) CLUSTERED;
