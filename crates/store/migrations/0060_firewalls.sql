-- Web application firewalls in front of devices: facts with their age, and what ours says of its rule sets.
CREATE TABLE firewall (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    -- own, f5, cloudflare, imperva, modsecurity, coraza, other.
    product text NOT NULL,
    -- unknown, off, detect, block; of ours the report says so, site by site.
    mode text NOT NULL,
    rules_on text,
    proof text NOT NULL,
    proof_id uuid,
    said_by text NOT NULL,
    added bigint NOT NULL,
    added_by text NOT NULL,
    -- The last day on which it counts.
    expires text,
    -- Of ours: where its report and its events lie on the server, given at the command line alone.
    folder text,
    events text,
    source_id uuid,
    -- The number of the last word on its rule sets that was taken.
    taken bigint NOT NULL,
    withdrawn bigint,
    withdrawn_by text,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, proof_id) REFERENCES proof (org_id, id)
) CLUSTERED;

-- Devices behind a firewall, as somebody said; site is empty for the firewall as a whole.
CREATE TABLE firewall_device (
    org_id uuid NOT NULL REFERENCES organisation (id),
    firewall_id uuid NOT NULL,
    site text NOT NULL,
    device_id uuid NOT NULL,
    PRIMARY KEY (org_id, firewall_id, site, device_id),
    FOREIGN KEY (org_id, firewall_id) REFERENCES firewall (org_id, id),
    FOREIGN KEY (org_id, device_id) REFERENCES device (org_id, id)
) CLUSTERED;

-- What a firewall of ours said of its rule sets: fetched, trusted, rejected, promoted, brought back.
CREATE TABLE firewall_word (
    org_id uuid NOT NULL REFERENCES organisation (id),
    firewall_id uuid NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    text text NOT NULL,
    -- Whether somebody should look: 1 or 0.
    alert bigint NOT NULL,
    -- A log that was begun anew counts from 1 again.
    PRIMARY KEY (org_id, firewall_id, number, at),
    FOREIGN KEY (org_id, firewall_id) REFERENCES firewall (org_id, id)
) CLUSTERED;
