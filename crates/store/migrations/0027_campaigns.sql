-- Actions of kinds, with windows, amounts and what shows them; campaigns, and how each stood from day to day.
CREATE TABLE campaign (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    changed bigint NOT NULL,
    -- The id that it was started under; the alias group may have grown since.
    weakness text NOT NULL,
    name text NOT NULL,
    started bigint NOT NULL,
    author text NOT NULL,
    closed bigint,
    closed_by text,
    closed_for text,
    -- Actions that were open or not shown when it was closed.
    closed_open bigint,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
-- One at a time about one weakness.
CREATE UNIQUE INDEX campaign_open ON campaign (org_id, weakness) WHERE closed IS NULL;

-- How it stood at a moment. Of a day, the last look by the clock stays; those at its steps all stay.
CREATE TABLE campaign_look (
    org_id uuid NOT NULL REFERENCES organisation (id),
    campaign_id uuid NOT NULL,
    taken bigint NOT NULL,
    day text NOT NULL,
    -- start, step, day or end.
    occasion text NOT NULL,
    -- Whether the vulnerability data behind it was whole and fresh: 1 or 0.
    sound bigint NOT NULL,
    PRIMARY KEY (org_id, campaign_id, taken),
    FOREIGN KEY (org_id, campaign_id) REFERENCES campaign (org_id, id)
) CLUSTERED;

-- The wards of a look that had a device affected, unclear or ruled out; unsaid sites and wards are empty.
CREATE TABLE campaign_ward (
    org_id uuid NOT NULL REFERENCES organisation (id),
    campaign_id uuid NOT NULL,
    taken bigint NOT NULL,
    site text NOT NULL,
    ward text NOT NULL,
    devices bigint NOT NULL,
    affected bigint NOT NULL,
    cannot_tell bigint NOT NULL,
    outside bigint NOT NULL,
    handled bigint NOT NULL,
    ruled_out bigint NOT NULL,
    PRIMARY KEY (org_id, campaign_id, taken, site, ward),
    FOREIGN KEY (org_id, campaign_id, taken) REFERENCES campaign_look (org_id, campaign_id, taken)
) CLUSTERED;

-- Empty where it was put down before there were kinds: a question is of kind ask, the others are other.
ALTER TABLE action ADD COLUMN kind text;
ALTER TABLE action ADD COLUMN campaign_id uuid;
-- The ward whose devices it is about; both empty where it is about no single ward.
ALTER TABLE action ADD COLUMN site text;
ALTER TABLE action ADD COLUMN ward text;
ALTER TABLE action ADD COLUMN window_from bigint;
ALTER TABLE action ADD COLUMN window_to bigint;
ALTER TABLE action ADD COLUMN cost_cents bigint;
ALTER TABLE action ADD COLUMN cost_currency text;
-- When the program saw what shows that it is done, and what that is.
ALTER TABLE action ADD COLUMN seen bigint;
ALTER TABLE action ADD COLUMN seen_what text;

-- The devices that an action about a weakness is about: those that had it, or might have it, when it was put down.
CREATE TABLE action_device (
    org_id uuid NOT NULL REFERENCES organisation (id),
    action_id uuid NOT NULL,
    device_id uuid NOT NULL,
    PRIMARY KEY (org_id, action_id, device_id),
    FOREIGN KEY (org_id, action_id) REFERENCES action (org_id, id),
    FOREIGN KEY (org_id, device_id) REFERENCES device (org_id, id)
) CLUSTERED;

-- What costs are counted in, by its code (ISO 4217).
ALTER TABLE organisation ADD COLUMN currency text NOT NULL DEFAULT 'USD';
