-- People are listed by place and name, a page at a time: of everybody, of a site, of a ward.
CREATE INDEX worker_at ON worker (org_id, site, ward, name_key, id);
