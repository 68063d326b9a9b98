-- Contracts by themselves: the days that one gives to pay, and when it last changed.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- Nothing: thirty (K23).
ALTER TABLE contracts ADD COLUMN payment_days BIGINT CHECK (payment_days BETWEEN 0 AND 365);
ALTER TABLE contracts ADD COLUMN updated_at TIMESTAMPTZ;
UPDATE contracts SET updated_at = created_at;
ALTER TABLE contracts ALTER COLUMN updated_at SET NOT NULL;
CREATE INDEX contracts_by_change ON contracts (issuer_id, updated_at, id);
