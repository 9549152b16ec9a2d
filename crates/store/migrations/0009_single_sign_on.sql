-- Single sign-on: the provider that an organisation trusts, and which of its people is which account here.

-- Read by the word in the address of a sign-in page, before it is known whose request it is, so row-level security does
-- not guard it; its module binds the organisation or the word.
CREATE TABLE single_sign_on (
    org_id uuid NOT NULL PRIMARY KEY REFERENCES organisation (id),
    -- The word in the address of the organisation's sign-in page.
    slug text NOT NULL UNIQUE,
    -- 1 where it is in use.
    active bigint NOT NULL,
    -- 1 where members may sign in by a password too; administrators always may.
    passwords bigint NOT NULL,
    -- JSON, without the secret.
    settings text NOT NULL,
    -- The client's secret, sealed with a key that is not in the database.
    secret bytea NOT NULL
) CLUSTERED;

-- A person of a provider is known by issuer and subject, which no provider gives to two people.
CREATE TABLE identity (
    org_id uuid NOT NULL REFERENCES organisation (id),
    issuer text NOT NULL,
    subject text NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created bigint NOT NULL,
    -- The last sign-in by it.
    used bigint,
    PRIMARY KEY (org_id, issuer, subject)
) CLUSTERED;
CREATE INDEX identity_account ON identity (account_id, org_id);
