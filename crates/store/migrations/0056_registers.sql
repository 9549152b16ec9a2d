-- The registers that the Privacy Rule asks for. Which fields an entry has, and its clock, stands in the table of kinds in the program.
CREATE TABLE register_entry (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    -- Counted by kind.
    number bigint NOT NULL,
    -- Whom or what it is about. Of most kinds a person's name.
    about text NOT NULL,
    -- A day.
    received text NOT NULL,
    -- The day and the reason of the one extension.
    extended text,
    extended_for text,
    -- The day, the outcome and the reason of its end.
    closed text,
    outcome text,
    closed_for text,
    closed_by text,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX register_entry_number ON register_entry (org_id, kind, number);

CREATE TABLE register_value (
    org_id uuid NOT NULL REFERENCES organisation (id),
    entry_id uuid NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (org_id, entry_id, field),
    FOREIGN KEY (org_id, entry_id) REFERENCES register_entry (org_id, id)
) CLUSTERED;

-- That somebody looked at a whole register, empty or not.
CREATE TABLE register_review (
    org_id uuid NOT NULL REFERENCES organisation (id),
    kind text NOT NULL,
    at bigint NOT NULL,
    reviewer text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (org_id, kind, at)
) CLUSTERED;
