-- People of several organisations: who is a member where, with which roles.

-- What the law calls it; decides later which duties apply. Codes of the model.
ALTER TABLE organisation ADD COLUMN kind text NOT NULL DEFAULT 'covered_entity';
-- 1 where every member must have a second factor before anything else.
ALTER TABLE organisation ADD COLUMN second_factor bigint NOT NULL DEFAULT 0;

-- `org_id` of an account is its home: the organisation whose administrators look after it.
ALTER TABLE account ADD COLUMN full_name text NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN mail text;
-- When it was closed; it then opens nothing anywhere.
ALTER TABLE account ADD COLUMN closed bigint;
CREATE INDEX account_home ON account (org_id, created);

CREATE TABLE membership (
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    org_id uuid NOT NULL REFERENCES organisation (id),
    -- Codes parted by blanks.
    roles text NOT NULL,
    -- The makers that a supplier speaks for, one a line.
    makers text NOT NULL,
    -- The moment from which it counts no more, exclusive.
    valid_until bigint,
    -- The period that an auditor looks at: from inclusive, to exclusive.
    about_from bigint,
    about_to bigint,
    created bigint NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (account_id, org_id)
) CLUSTERED;
CREATE INDEX membership_org ON membership (org_id, account_id);
INSERT INTO membership (account_id, org_id, roles, makers, created, created_by)
    SELECT id, org_id, 'administrator', '', created, 'bedrail' FROM account;
