-- By which days how many people have a duty open, as counted last, so that calendars need not count.
CREATE TABLE duty_due (
    org_id uuid NOT NULL REFERENCES organisation (id),
    duty_id uuid NOT NULL,
    -- A day.
    due text NOT NULL,
    people bigint NOT NULL,
    PRIMARY KEY (org_id, duty_id, due),
    FOREIGN KEY (org_id, duty_id) REFERENCES duty (org_id, id)
) CLUSTERED;
