-- Contracts by themselves: the days that one gives to pay, and when it last changed.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- Nothing: thirty (K23).
ALTER TABLE contracts ADD COLUMN payment_days INTEGER CHECK (payment_days BETWEEN 0 AND 365);
ALTER TABLE contracts ADD COLUMN updated_at TEXT NOT NULL DEFAULT '';
UPDATE contracts SET updated_at = created_at;
CREATE INDEX contracts_by_change ON contracts (issuer_id, updated_at, id);
