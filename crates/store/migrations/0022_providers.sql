-- Where security advisories are fetched from: publishers by their provider metadata (CSAF section 7.1.7). They are public
-- and of no organisation, as the documents are.
CREATE TABLE advisory_provider (
    -- The address of its provider metadata.
    url text NOT NULL PRIMARY KEY,
    -- The publisher's namespace that whoever added it confirmed; empty where the host has to show it.
    namespace text NOT NULL,
    -- What it calls itself; empty until it was read once.
    name text NOT NULL,
    added bigint NOT NULL,
    -- When it was last asked, and what came of it in words.
    fetched bigint,
    outcome text NOT NULL,
    -- Whether everything that it offers could be read: 1 or 0.
    whole bigint NOT NULL
) CLUSTERED;

-- What was taken from it: a document that has not changed since is not fetched again.
CREATE TABLE advisory_provider_document (
    provider_url text NOT NULL,
    url text NOT NULL,
    -- When it was changed, in the words of the feed or directory.
    updated text NOT NULL,
    PRIMARY KEY (provider_url, url)
) CLUSTERED;

-- Which provider an advisory was fetched from; empty where somebody took in a file.
ALTER TABLE product_advisory ADD COLUMN provider_url text;
