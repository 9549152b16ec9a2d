-- Single readers of the privileged parts of one incident, whom counsel named. A row is never changed but for its end.
CREATE TABLE incident_reader (
    org_id uuid NOT NULL REFERENCES organisation (id),
    incident_id uuid NOT NULL,
    number bigint NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    reason text NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    ended bigint,
    ended_by text,
    PRIMARY KEY (org_id, incident_id, number),
    FOREIGN KEY (org_id, incident_id) REFERENCES incident (org_id, id)
) CLUSTERED;
