-- Self-assessment: what people answered to the questions of the catalogues. Of a requirement and a site the last answer counts;
-- earlier ones stay.
CREATE TABLE self_answer (
    org_id uuid NOT NULL REFERENCES organisation (id),
    changed bigint NOT NULL,
    id uuid NOT NULL,
    -- The requirement whose question it is.
    requirement text NOT NULL,
    -- The site, empty where it is asked once.
    site text NOT NULL,
    -- yes, no, not_sure.
    answer text NOT NULL,
    note text NOT NULL,
    -- Where to look: a page of the program, the number of a paper.
    evidence text NOT NULL,
    -- A document that was brought with it, by its digest.
    sha256 bytea,
    -- The action that a "no" made.
    action_id uuid,
    added bigint NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, action_id) REFERENCES action (org_id, id)
) CLUSTERED;

CREATE INDEX self_answer_of ON self_answer (org_id, requirement, site, added);
