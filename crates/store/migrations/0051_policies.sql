-- Policies and their versions. A text that was written never changes; what is in force is a matter of days.
CREATE TABLE policy (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    template text,
    title text NOT NULL,
    -- Ids of requirements, and roles that sign it, one a line.
    cites text NOT NULL,
    roles text NOT NULL,
    sign_days bigint NOT NULL,
    review_months bigint NOT NULL,
    -- The last day by which it is looked at again.
    review_by text,
    added bigint NOT NULL,
    added_by text NOT NULL,
    retired bigint,
    retired_by text,
    retired_for text,
    PRIMARY KEY (org_id, id)
) CLUSTERED;

CREATE TABLE policy_version (
    org_id uuid NOT NULL REFERENCES organisation (id),
    policy_id uuid NOT NULL,
    version bigint NOT NULL,
    sha256 text NOT NULL,
    body text NOT NULL,
    document_id uuid,
    document_name text,
    note text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    approved bigint,
    approved_by text,
    -- Days: the first one in force, and the first one no longer.
    in_force_from text,
    in_force_until text,
    PRIMARY KEY (org_id, policy_id, version),
    FOREIGN KEY (org_id, policy_id) REFERENCES policy (org_id, id)
) CLUSTERED;

-- Looks at a policy that found it good for another while.
CREATE TABLE policy_review (
    org_id uuid NOT NULL REFERENCES organisation (id),
    policy_id uuid NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    note text NOT NULL,
    next text NOT NULL,
    PRIMARY KEY (org_id, policy_id, at),
    FOREIGN KEY (org_id, policy_id) REFERENCES policy (org_id, id)
) CLUSTERED;
