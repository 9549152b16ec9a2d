-- What an entry of the audit log says more: from where, and what was before and after.

ALTER TABLE audit_entry ADD COLUMN address text;
ALTER TABLE audit_entry ADD COLUMN before text;
ALTER TABLE audit_entry ADD COLUMN after text;
-- Which fields the hash covers: 1 without these three, 2 with them.
ALTER TABLE audit_entry ADD COLUMN format bigint NOT NULL DEFAULT 1;
CREATE INDEX audit_entry_at ON audit_entry (org_id, at);
