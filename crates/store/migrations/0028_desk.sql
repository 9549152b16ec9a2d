-- The desk that works alerts off: what people made of an item, pauses, what items belong to, who has duty and when, who was
-- told, and the answers that may come by a link in a mail.

-- What somebody made of it, in a code and a sentence, by whom and when. The last word; all of them stand in alert_step.
ALTER TABLE alert_item ADD COLUMN verdict text;
ALTER TABLE alert_item ADD COLUMN verdict_sentence text;
ALTER TABLE alert_item ADD COLUMN decided bigint;
ALTER TABLE alert_item ADD COLUMN decided_by text;
-- Until when its clocks stand still.
ALTER TABLE alert_item ADD COLUMN paused_until bigint;
-- Who was told that nobody has it: nobody, the person on duty, the deputy, all (0 to 3).
ALTER TABLE alert_item ADD COLUMN rung bigint NOT NULL DEFAULT 0;

-- For one person only; empty for all who have the right.
ALTER TABLE notice ADD COLUMN account_id uuid;

-- The items that a notice is about, as far as they can be taken by an answer to its mail.
CREATE TABLE alert_notice (
    org_id uuid NOT NULL REFERENCES organisation (id),
    notice_id uuid NOT NULL,
    item_id uuid NOT NULL,
    PRIMARY KEY (org_id, notice_id, item_id),
    FOREIGN KEY (org_id, notice_id) REFERENCES notice (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, item_id) REFERENCES alert_item (org_id, id)
) CLUSTERED;

-- Pauses of the clocks of an item. The last one may still last.
CREATE TABLE alert_pause (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    begun bigint NOT NULL,
    until bigint NOT NULL,
    ended bigint,
    -- What it waits for, in a code and a sentence.
    reason text NOT NULL,
    sentence text NOT NULL,
    who text NOT NULL,
    -- Why it ended: asked, over, events, urgent, closed.
    ended_for text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, item_id) REFERENCES alert_item (org_id, id)
) CLUSTERED;
CREATE INDEX alert_pause_item ON alert_pause (org_id, item_id);
CREATE INDEX alert_pause_begun ON alert_pause (org_id, begun);

-- What an item belongs to: a weakness on its device, an action, a campaign, an incident by whatever it is called.
CREATE TABLE alert_link (
    org_id uuid NOT NULL REFERENCES organisation (id),
    item_id uuid NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, item_id, kind, target),
    FOREIGN KEY (org_id, item_id) REFERENCES alert_item (org_id, id)
) CLUSTERED;
CREATE INDEX alert_link_target ON alert_link (org_id, kind, target);

-- The zone that the organisation's days and shifts are read in.
CREATE TABLE alert_desk (
    org_id uuid NOT NULL REFERENCES organisation (id),
    zone text NOT NULL,
    PRIMARY KEY (org_id)
) CLUSTERED;

-- Who has duty: from a minute of a day of each week to another; one that is not later is of the day after.
CREATE TABLE alert_duty (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    -- 1 Monday to 7 Sunday (ISO 8601).
    weekday bigint NOT NULL,
    from_minute bigint NOT NULL,
    to_minute bigint NOT NULL,
    account_id uuid NOT NULL,
    deputy_id uuid,
    -- For the alerts of devices there alone; both empty for all.
    site text,
    ward text,
    PRIMARY KEY (org_id, id)
) CLUSTERED;

-- Who is away, from a day to another, both included, and who stands in.
CREATE TABLE alert_absence (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    first_day text NOT NULL,
    last_day text NOT NULL,
    deputy_id uuid,
    PRIMARY KEY (org_id, id)
) CLUSTERED;

-- Links in mails by which one person takes one item, once. Only the hash of the link is kept.
CREATE TABLE alert_answer (
    org_id uuid NOT NULL REFERENCES organisation (id),
    code bytea NOT NULL,
    account_id uuid NOT NULL,
    item_id uuid NOT NULL,
    expires bigint NOT NULL,
    used bigint,
    PRIMARY KEY (org_id, code),
    FOREIGN KEY (org_id, item_id) REFERENCES alert_item (org_id, id)
) CLUSTERED;
CREATE INDEX alert_answer_expires ON alert_answer (org_id, expires);
