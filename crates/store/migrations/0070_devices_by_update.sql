-- How many devices a list wrote something of lately is counted for every look at the programme.
CREATE INDEX device_updated ON device (org_id, updated);
