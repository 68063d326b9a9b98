-- The SAT's long lists (products, units, postal codes, countries), as an operator brought them.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- A list that is at hand.
CREATE TABLE catalogs (
    -- Its name at the SAT: c_ClaveProdServ.
    name TEXT PRIMARY KEY,
    codes BIGINT NOT NULL,
    -- SHA-256 of its codes and days: the same list again changes nothing.
    digest BYTEA NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL
);

-- Its codes, with the first and the last civil day on which each may be used; absent, there is no such limit.
CREATE TABLE catalog_entries (
    catalog TEXT NOT NULL REFERENCES catalogs (name),
    code TEXT NOT NULL,
    valid_from TEXT,
    valid_until TEXT,
    PRIMARY KEY (catalog, code)
);
