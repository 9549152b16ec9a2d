-- Where the head of the audit log was noted outside of the program, so that nobody can write the days before anew: a time-stamp of an
-- authority (RFC 3161), a published hash, a print at a notary. Rows are only added.
CREATE TABLE time_anchor (
    org_id uuid NOT NULL REFERENCES organisation (id),
    number bigint NOT NULL,
    -- The entries of the log up to there, and the hash of the last of them.
    entries bigint NOT NULL,
    head text NOT NULL,
    -- time_stamp, published, deposited.
    kind text NOT NULL,
    -- Who keeps it, and where it is found.
    keeper text NOT NULL,
    place text NOT NULL,
    -- The day on which it was noted there.
    noted text NOT NULL,
    -- The reply of the authority or another paper, by its digest.
    sha256 bytea,
    file_name text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, number)
) CLUSTERED;
