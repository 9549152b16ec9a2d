-- Where a person lives, so that times in a mail can be read without counting hours.

-- The code of the zone that a person chose; empty is UTC.
ALTER TABLE account ADD COLUMN zone text NOT NULL DEFAULT '';
