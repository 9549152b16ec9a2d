-- What an engagement is about, beside its period: requirements or whole catalogues, and sites. NULL is no limit; otherwise one a line.
ALTER TABLE membership ADD COLUMN about_requirements text;
ALTER TABLE membership ADD COLUMN about_sites text;
ALTER TABLE invitation ADD COLUMN about_requirements text;
ALTER TABLE invitation ADD COLUMN about_sites text;
