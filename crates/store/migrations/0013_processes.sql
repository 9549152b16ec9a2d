-- What several processes on one database share.

-- A change that carries an idempotency key marks the key in its own transaction, so that a process that dies between the
-- change and its answer leaves no doubt whether it was carried out. Who carries a request out renews its key; where nobody
-- does any more, the same request sent again takes its place.

ALTER TABLE idempotency ADD COLUMN nonce uuid;
ALTER TABLE idempotency ADD COLUMN renewed bigint NOT NULL DEFAULT 0;
ALTER TABLE idempotency ADD COLUMN committed bigint NOT NULL DEFAULT 0;

-- Tries to sign in, where the database is shared by several machines: of a name, of an address, and of all together.
CREATE TABLE sign_in_try (
    -- SHA-256 of whose tries they are.
    whose bytea NOT NULL PRIMARY KEY,
    -- The moment from which on all tries are there again: each try moves it on, and it never lies further ahead than all
    -- tries take to come back.
    full_at bigint NOT NULL
) CLUSTERED;
CREATE INDEX sign_in_try_full ON sign_in_try (full_at);
