-- Brand: the logo on paper and on screen.
-- The same table stands in ../postgres under the same file name; a test compares them column by column.

CREATE TABLE issuer_logos (
    issuer_id BLOB PRIMARY KEY REFERENCES issuers (id),
    media_type TEXT NOT NULL CHECK (media_type IN ('image/svg+xml', 'image/png')),
    -- As it came: small enough (128 KB) to live beside the issuer and be in every backup.
    image BLOB NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
