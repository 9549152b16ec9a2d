-- Of the numbers of an organisation's log, how many say only that something was read. What was worked out from the rows of the
-- organisation holds for as long as changes less mentions stay the same. A process of before counts none: then all are changes.
ALTER TABLE organisation ADD COLUMN mentions bigint NOT NULL DEFAULT 0;
