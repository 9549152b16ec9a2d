-- What an adviser writes down with a client: notes, tasks and sign-offs. They are the client's own rows.
CREATE TABLE client_note (
    org_id uuid NOT NULL REFERENCES organisation (id),
    id uuid NOT NULL,
    -- note, task, sign_off.
    kind text NOT NULL,
    body text NOT NULL,
    -- Of a task: the last day.
    due text,
    at bigint NOT NULL,
    author text NOT NULL,
    done bigint,
    done_by text,
    -- Of a sign-off: the two figures that were seen.
    evidenced bigint,
    overdue bigint,
    requirements bigint,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
