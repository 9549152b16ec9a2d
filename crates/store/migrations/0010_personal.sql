-- What names a person in the audit log: names, addresses, free words. Entries do not hold such a value but its commitment,
-- a hash of the value with a salt of its own; so a value can be erased, and every link of the chain stays what it was.

CREATE TABLE personal_value (
    org_id uuid NOT NULL REFERENCES organisation (id),
    -- SHA-256 over organisation, salt and value: what entries hold in place of the value.
    commitment bytea NOT NULL,
    -- Whom it is about: an account, or an invitation that nobody has taken up yet.
    about_id uuid NOT NULL,
    -- Both gone once the value is erased: without the salt nobody can try names against the commitment.
    salt bytea,
    value text,
    erased bigint,
    PRIMARY KEY (org_id, commitment)
) CLUSTERED;
CREATE INDEX personal_value_about ON personal_value (org_id, about_id);

-- Which entries hold which values.
CREATE TABLE personal_mention (
    org_id uuid NOT NULL REFERENCES organisation (id),
    sequence bigint NOT NULL,
    commitment bytea NOT NULL,
    PRIMARY KEY (org_id, sequence, commitment)
) CLUSTERED;
CREATE INDEX personal_mention_value ON personal_mention (org_id, commitment);
