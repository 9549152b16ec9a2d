-- Weaknesses that a weakness's records carry to their packages, parted by blanks; and of which of those its severity,
-- FIRST's estimate and CISA's entry were said.
ALTER TABLE weakness ADD COLUMN mentions text NOT NULL DEFAULT '';
ALTER TABLE weakness ADD COLUMN severity_from text;
ALTER TABLE weakness ADD COLUMN epss_from text;
ALTER TABLE weakness ADD COLUMN kev_from text;
