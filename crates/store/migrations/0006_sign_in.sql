-- How people come in and leave: invitations, second factors, sessions that can be listed, tokens for programs, and
-- emergency access. All of these are looked up before it is known whose request it is, so row-level security does not
-- guard them; their modules bind the organisation or the account in every list.

CREATE TABLE invitation (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organisation (id),
    -- SHA-256 of the code: who reads the database cannot accept it. The row goes when it is accepted or taken back.
    code bytea NOT NULL UNIQUE,
    full_name text NOT NULL,
    mail text,
    -- What the membership will give; as in membership.
    roles text NOT NULL,
    makers text NOT NULL,
    valid_until bigint,
    about_from bigint,
    about_to bigint,
    created bigint NOT NULL,
    created_by text NOT NULL,
    -- From when on it opens nothing, exclusive.
    expires bigint NOT NULL
) CLUSTERED;
CREATE INDEX invitation_org ON invitation (org_id, created);

CREATE TABLE second_factor (
    account_id uuid NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    -- Sealed with the key outside the database.
    secret bytea NOT NULL,
    -- When the first code was right; none while it is being set up.
    confirmed bigint,
    -- The time step of the last code that was taken: no code is taken twice.
    last_step bigint NOT NULL
) CLUSTERED;

CREATE TABLE recovery_code (
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- SHA-256 over the account and the code. The row goes when it is used.
    code bytea NOT NULL,
    PRIMARY KEY (account_id, code)
) CLUSTERED;

-- The organisation that a session acts in, where it began, by which browser, and when it was last seen: for the list
-- that people look at. What counts stays in `data`.
ALTER TABLE session ADD COLUMN org_id uuid;
ALTER TABLE session ADD COLUMN address text;
ALTER TABLE session ADD COLUMN browser text NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN begun bigint NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN seen bigint NOT NULL DEFAULT 0;

CREATE TABLE token (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    -- SHA-256 of the secret part.
    secret bytea NOT NULL,
    -- Codes of rights parted by blanks; what the owner may no longer do, the token may not either.
    rights text NOT NULL,
    created bigint NOT NULL,
    -- From when on it opens nothing, exclusive.
    expires bigint NOT NULL,
    used bigint,
    used_from text,
    -- It goes with the membership.
    FOREIGN KEY (account_id, org_id) REFERENCES membership (account_id, org_id) ON DELETE CASCADE
) CLUSTERED;
CREATE INDEX token_owner ON token (account_id, org_id);

-- Emergency access: until when (exclusive) the member has an analyst's rights, and why.
ALTER TABLE membership ADD COLUMN emergency_until bigint;
ALTER TABLE membership ADD COLUMN emergency_reason text NOT NULL DEFAULT '';
