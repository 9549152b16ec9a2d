-- The risk analysis: what people said of products and of threats to them. Rows are only added; the newest of a product and a threat counts.
CREATE TABLE risk_holding (
    org_id uuid NOT NULL REFERENCES organisation (id),
    number bigint NOT NULL,
    asset text NOT NULL,
    -- Whether its devices hold ePHI: 1 or 0.
    holds bigint NOT NULL,
    what text NOT NULL,
    source text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, number)
) CLUSTERED;

CREATE TABLE risk_line (
    org_id uuid NOT NULL REFERENCES organisation (id),
    number bigint NOT NULL,
    asset text NOT NULL,
    threat text NOT NULL,
    likelihood text,
    impact text,
    treatment text NOT NULL,
    measures text NOT NULL,
    likelihood_after text,
    impact_after text,
    owner text NOT NULL,
    due text,
    action_id uuid,
    reason text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, number)
) CLUSTERED;

-- Signed analyses: the document by its SHA-256, byte for byte.
CREATE TABLE risk_signed (
    org_id uuid NOT NULL REFERENCES organisation (id),
    number bigint NOT NULL,
    scope text NOT NULL,
    document_id uuid NOT NULL,
    sha256 text NOT NULL,
    devices bigint NOT NULL,
    lines bigint NOT NULL,
    unknown bigint NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (org_id, number)
) CLUSTERED;
