-- What our own judgement told of as an alert and still finds: what comes to be so again is an event again, what stays so is none.
CREATE TABLE alert_standing (
    org_id uuid NOT NULL REFERENCES organisation (id),
    -- What it is: `exploited:CVE-2021-44228` with the device, as the application writes it.
    fact text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (org_id, fact)
) CLUSTERED;

-- Messages that their senders numbered and that did not come. Below zero where some came late that a batch before had missed.
ALTER TABLE alert_segment ADD COLUMN missed bigint NOT NULL DEFAULT 0;

-- Up to when a ticket system was told of what happened to items; no row where none is told.
CREATE TABLE alert_ticket (
    org_id uuid NOT NULL REFERENCES organisation (id),
    told_to bigint NOT NULL,
    PRIMARY KEY (org_id)
) CLUSTERED;
CREATE INDEX alert_item_opened ON alert_item (org_id, opened);

-- What the newest events of an item came with: a page about it need not look through all that was received.
ALTER TABLE alert_item ADD COLUMN last_segment uuid;

-- With all that the queue filters and counts by, so that it is answered without a look at the items themselves.
-- contracts: index alert_item_open, whose columns are the first of this one; no statement needs it
DROP INDEX alert_item_open;
CREATE INDEX alert_item_queue ON alert_item
    (org_id, urgency DESC, take_by, id, closed, owner, close_by, decide_by, paused_until, verdict) WHERE closed IS NULL;
