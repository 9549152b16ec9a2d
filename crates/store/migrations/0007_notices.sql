-- What people should hear of without looking: kept per organisation, sent by the channels that it set up.

CREATE TABLE notice (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    detail text NOT NULL,
    -- The page of ours that says more.
    link text NOT NULL,
    -- What would be the same notice.
    unique_key text NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, unique_key)
) CLUSTERED;
CREATE INDEX notice_created ON notice (org_id, created);

-- Weaknesses that a notice told of, so that each is told once.
CREATE TABLE notice_about (
    org_id uuid NOT NULL REFERENCES organisation (id),
    weakness text NOT NULL,
    PRIMARY KEY (org_id, weakness)
) CLUSTERED;

-- How far each person is: seen on the page, sent at once, sent in a digest.
CREATE TABLE notice_reader (
    org_id uuid NOT NULL REFERENCES organisation (id),
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    seen bigint NOT NULL DEFAULT 0,
    mailed bigint NOT NULL DEFAULT 0,
    digested bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, account_id)
) CLUSTERED;

-- What each person chose; without a row the default of the kind holds.
CREATE TABLE notice_choice (
    org_id uuid NOT NULL REFERENCES organisation (id),
    account_id uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind text NOT NULL,
    pace text NOT NULL,
    PRIMARY KEY (org_id, account_id, kind)
) CLUSTERED;

CREATE TABLE notice_channel (
    org_id uuid NOT NULL REFERENCES organisation (id),
    channel text NOT NULL,
    -- JSON, without the secret.
    settings text NOT NULL,
    -- Sealed with a key that is not in the database.
    secret bytea,
    PRIMARY KEY (org_id, channel)
) CLUSTERED;
