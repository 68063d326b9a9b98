-- What customers attach to their payments: the proof of a transfer, as it came.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.
CREATE TABLE payment_attachments (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    payment_id UUID NOT NULL REFERENCES payments (id),
    user_id UUID NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('pdf', 'jpg', 'png')),
    size_bytes BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    sha256 BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (payment_id, sha256)
);
