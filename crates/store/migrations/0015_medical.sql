-- Advisories about products that are named by maker, product and version, and which of those names are ours.

-- The documents as published. They are public and of no organisation; what may not be shared is not taken in.
CREATE TABLE product_advisory (
    -- Version 8, over the publisher's namespace and its id.
    id uuid NOT NULL PRIMARY KEY,
    -- The number of the reference change that wrote the row.
    changed bigint NOT NULL,
    -- The publisher's own id: ICSMA-22-088-01.
    name text NOT NULL,
    namespace text NOT NULL,
    -- The version of the document, and when it was released, as written.
    version text NOT NULL,
    released text,
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    added bigint NOT NULL
) CLUSTERED;
CREATE INDEX product_advisory_changed ON product_advisory (changed);
CREATE INDEX product_advisory_name ON product_advisory (name);

-- What a person of the organisation said of two names of products: one product, or two.
CREATE TABLE product_alias (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    -- The names with case, punctuation and legal forms left out, by which they are found again.
    own_key text NOT NULL,
    their_key text NOT NULL,
    -- The names as they were written when it was decided.
    own_name text NOT NULL,
    their_name text NOT NULL,
    same bigint NOT NULL,
    decided bigint NOT NULL,
    PRIMARY KEY (org_id, own_key, their_key)
) CLUSTERED;
