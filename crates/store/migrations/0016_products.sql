-- Software that only a product name (CPE) identifies is judged by NVD, together with everything else that the device is.

-- The products that make up a device, by a digest of them: bills of materials with the same products share a row.
CREATE TABLE platform (
    id uuid NOT NULL PRIMARY KEY,
    -- CPE names, as a JSON list.
    names text NOT NULL
) CLUSTERED;

-- The names that the software is judged by, each with where it is from, as a JSON list of pairs; and the device it is in.
-- Neither, where a package URL says what it is.
ALTER TABLE software ADD COLUMN names text;
ALTER TABLE software ADD COLUMN platform_id uuid REFERENCES platform (id);
