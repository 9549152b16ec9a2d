-- A document's signature that came beside it, in base64, and the fingerprint of its issuer's key where that key signed it.
ALTER TABLE vex_document ADD COLUMN signature text;
ALTER TABLE vex_document ADD COLUMN signed_by text;
-- The key that an issuer's documents must be signed by, as it was named, and its fingerprint; none where a person vouches for the way they come.
ALTER TABLE vex_issuer ADD COLUMN signing_key text;
ALTER TABLE vex_issuer ADD COLUMN key_fingerprint text;
