-- The clock of an issuer's accounts, and banks' messages that name no payment.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- Due days, days and months of payments. Who has one zone in all of its branches means that one.
ALTER TABLE issuers ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'America/Mexico_City';
UPDATE issuers SET time_zone = (SELECT MIN(b.time_zone) FROM branches AS b WHERE b.issuer_id = issuers.id)
    WHERE 1 = (SELECT COUNT(DISTINCT b.time_zone) FROM branches AS b WHERE b.issuer_id = issuers.id);

-- A message kept as evidence that names no payment of ours: looked for again for some minutes, then somebody's to look
-- at. It is the issuer's whose key it is signed with, else the default one's.
CREATE TABLE bank_orphans (
    evidence_id UUID NOT NULL PRIMARY KEY REFERENCES evidence (id),
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    proved BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- Since when it waits for somebody.
    asked_at TIMESTAMPTZ,
    payment_id UUID REFERENCES payments (id),
    closed_at TIMESTAMPTZ,
    resolution TEXT,
    closed_by TEXT,
    CHECK (payment_id IS NULL OR closed_at IS NOT NULL)
);
CREATE INDEX bank_orphans_asking ON bank_orphans (issuer_id, asked_at) WHERE closed_at IS NULL;

-- Who said a rate, when somebody did: an actor of the audit log.
ALTER TABLE exchange_rates ADD COLUMN set_by TEXT;
