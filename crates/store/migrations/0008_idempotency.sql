-- Answers to changes that carried an idempotency key, kept for a day: the same request again is answered from here.

CREATE TABLE idempotency (
    org_id uuid NOT NULL REFERENCES organisation (id),
    -- SHA-256 of the caller and the key.
    id bytea NOT NULL,
    -- SHA-256 of what was asked.
    request bytea NOT NULL,
    -- The HTTP status; not there while the first request is under way.
    status bigint,
    kind text NOT NULL,
    body bytea NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE INDEX idempotency_created ON idempotency (org_id, created);
