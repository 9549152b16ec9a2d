-- What people said of components that a bill of materials knows by a name alone.
CREATE TABLE component_name (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    -- Name and supplier without case and outer blanks; the supplier is empty where the bill names none.
    name_key text NOT NULL,
    supplier_key text NOT NULL,
    -- As they were written when it was decided.
    name text NOT NULL,
    supplier text,
    -- A package URL or a CPE name without a version; none where it is none of those that were proposed.
    identifier text,
    -- Those, one a line.
    declined text NOT NULL,
    decided bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, name_key, supplier_key)
) CLUSTERED;

-- 1 where the bill gives a name alone, and a person said what it is; else empty.
ALTER TABLE software ADD COLUMN confirmed bigint;
