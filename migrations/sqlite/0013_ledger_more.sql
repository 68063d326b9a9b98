-- What customers attach to their payments: the proof of a transfer, as it came.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.
CREATE TABLE payment_attachments (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES payments (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('pdf', 'jpg', 'png')),
    size_bytes INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (payment_id, sha256)
) STRICT;
