-- Threats as somebody graded them in a workbook elsewhere (the SRA tool of HHS). Those of the newest workbook count; earlier ones stay.
CREATE TABLE risk_brought (
    org_id uuid NOT NULL REFERENCES organisation (id),
    number bigint NOT NULL,
    -- The workbook, by its digest in hexadecimal, and what it was called.
    sha256 text NOT NULL,
    file_name text NOT NULL,
    -- Sheet and row.
    place text NOT NULL,
    threat text NOT NULL,
    vulnerability text NOT NULL,
    -- low, moderate, high; NULL where it is not graded in words that are known.
    likelihood text,
    impact text,
    at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, number)
) CLUSTERED;
