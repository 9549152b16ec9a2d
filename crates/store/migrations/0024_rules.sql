-- A written rule accepts what a pinned issuer states. Rules that were written down while they carried nothing out are nobody's
-- word on what they do now.
UPDATE vex_issuer SET automatic = NULL, automatic_by = NULL;

-- Whether who took the document in may decide: 1 or 0. A rule acts on such documents alone.
ALTER TABLE vex_document ADD COLUMN by_decider bigint NOT NULL DEFAULT 0;
