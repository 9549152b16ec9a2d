-- People of the workforce, and what is asked of each. They are apart from accounts; who has one is joined by the address for mail.
-- Nobody is deleted: who left stays, with the day.
CREATE TABLE worker (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    -- In small letters, for order and search.
    name_key text NOT NULL,
    -- The name by which a directory knows the person, and the same in small letters.
    user_name text,
    user_key text,
    -- The number by which another system knows the person.
    external text,
    -- In small letters.
    mail text,
    kind text NOT NULL,
    site text NOT NULL,
    ward text NOT NULL,
    -- Days: the first one, and the first one on which they are no longer there.
    starts text NOT NULL,
    until text,
    source text NOT NULL,
    -- 1 where a directory deleted the person: it is not shown there any more.
    gone bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL,
    added_by text NOT NULL,
    modified bigint NOT NULL,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX worker_user ON worker (org_id, user_key);
CREATE UNIQUE INDEX worker_external ON worker (org_id, external);
CREATE INDEX worker_mail ON worker (org_id, mail);
CREATE INDEX worker_name ON worker (org_id, name_key, id);
CREATE INDEX worker_place ON worker (org_id, site, ward);

CREATE TABLE worker_role (
    org_id uuid NOT NULL REFERENCES organisation (id),
    worker_id uuid NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (org_id, worker_id, role),
    FOREIGN KEY (org_id, worker_id) REFERENCES worker (org_id, id)
) CLUSTERED;
CREATE INDEX worker_role_role ON worker_role (org_id, role);

-- Personal links, good for one opening by the person they were made for. Only hashes are kept: of the link, and of what the browser
-- keeps once it was opened.
CREATE TABLE worker_link (
    org_id uuid NOT NULL REFERENCES organisation (id),
    code bytea NOT NULL,
    worker_id uuid NOT NULL,
    made bigint NOT NULL,
    made_by text NOT NULL,
    expires bigint NOT NULL,
    tries bigint NOT NULL DEFAULT 0,
    used bigint,
    session bytea,
    session_until bigint,
    PRIMARY KEY (org_id, code),
    FOREIGN KEY (org_id, worker_id) REFERENCES worker (org_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX worker_link_session ON worker_link (org_id, session);

-- What is asked of people: to sign a version of a policy, to take a course, to sign a statement.
CREATE TABLE duty (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    -- policy, course, statement.
    kind text NOT NULL,
    -- The policy's id, the course's code, or nothing.
    subject text NOT NULL,
    version bigint NOT NULL,
    sha256 text NOT NULL,
    title text NOT NULL,
    -- The text of a statement.
    body text NOT NULL,
    days bigint NOT NULL,
    due text,
    valid_days bigint,
    opened bigint NOT NULL,
    opened_by text NOT NULL,
    closed bigint,
    PRIMARY KEY (org_id, id)
) CLUSTERED;
CREATE INDEX duty_subject ON duty (org_id, kind, subject);

-- The roles that it is asked of; * for everybody.
CREATE TABLE duty_role (
    org_id uuid NOT NULL REFERENCES organisation (id),
    duty_id uuid NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (org_id, duty_id, role),
    FOREIGN KEY (org_id, duty_id) REFERENCES duty (org_id, id)
) CLUSTERED;

-- A duty of one person. What is repeated has a round for each time.
CREATE TABLE assignment (
    org_id uuid NOT NULL REFERENCES organisation (id),
    duty_id uuid NOT NULL,
    worker_id uuid NOT NULL,
    round bigint NOT NULL,
    -- Days.
    assigned text NOT NULL,
    due text NOT NULL,
    -- open, done, closed.
    stage text NOT NULL,
    -- 1 where somebody asked for it out of turn, and why.
    by_hand bigint NOT NULL,
    note text NOT NULL,
    ended bigint,
    ended_by text,
    -- account, link, sheet, import.
    how text,
    -- left, moved, replaced, ended.
    closed_for text,
    -- The first day on which it no longer holds.
    expires text,
    -- Of what was signed.
    sha256 text,
    answered_right bigint,
    answered_of bigint,
    certificate text,
    document_id uuid,
    -- Reminders so far: 0 none, 1 before the day, 2 after it, 3 told to those who keep the roster.
    rung bigint NOT NULL,
    PRIMARY KEY (org_id, duty_id, worker_id, round),
    FOREIGN KEY (org_id, duty_id) REFERENCES duty (org_id, id),
    FOREIGN KEY (org_id, worker_id) REFERENCES worker (org_id, id)
) CLUSTERED;
CREATE INDEX assignment_worker ON assignment (org_id, worker_id);
CREATE INDEX assignment_stage ON assignment (org_id, stage, due);
CREATE UNIQUE INDEX assignment_certificate ON assignment (org_id, certificate);

-- How each duty stood in each ward when it was last counted, so that pages need not count.
CREATE TABLE duty_tally (
    org_id uuid NOT NULL REFERENCES organisation (id),
    duty_id uuid NOT NULL,
    site text NOT NULL,
    ward text NOT NULL,
    asked bigint NOT NULL,
    done bigint NOT NULL,
    late bigint NOT NULL,
    PRIMARY KEY (org_id, duty_id, site, ward),
    FOREIGN KEY (org_id, duty_id) REFERENCES duty (org_id, id)
) CLUSTERED;

-- People by what they have done, as counted last: what the programme says of the whole workforce.
CREATE TABLE workforce_figure (
    org_id uuid NOT NULL REFERENCES organisation (id),
    name text NOT NULL,
    asked bigint NOT NULL,
    done bigint NOT NULL,
    late bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (org_id, name)
) CLUSTERED;
