-- What is in the document of a version and not in its text, one sentence a line: pages that are pictures, footnotes.
ALTER TABLE policy_version ADD COLUMN left_out text NOT NULL DEFAULT '';
