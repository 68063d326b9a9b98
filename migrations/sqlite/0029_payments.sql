-- Credits go to the invoices they were sent for, and an ERP's word is known again.
-- The same tables stand in ../postgres under the same file name; a test compares them column by column.

-- A line that found nothing to pay is no payment of its invoice: a credit may come to it later, as a line of its own. This
-- engine changes no constraint of a table that is there, so the table is made anew.
CREATE TABLE new_allocations (
    id BLOB NOT NULL PRIMARY KEY,
    issuer_id BLOB NOT NULL REFERENCES issuers (id),
    payment_id BLOB NOT NULL REFERENCES payments (id),
    receivable_id BLOB NOT NULL REFERENCES receivables (id),
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    charge_minor INTEGER NOT NULL CHECK (charge_minor > 0),
    rate TEXT,
    pending_minor INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'applied', 'released', 'reversed')),
    applied_minor INTEGER CHECK (applied_minor >= 0 AND applied_minor <= amount_minor),
    applied_charge_minor INTEGER CHECK (applied_charge_minor >= 0 AND applied_charge_minor <= charge_minor),
    parcialidad INTEGER,
    balance_before_minor INTEGER,
    balance_after_minor INTEGER CHECK (balance_after_minor >= 0),
    applied_at TEXT,
    created_at TEXT NOT NULL,
    rate_on TEXT,
    rate_source TEXT,
    from_credit INTEGER NOT NULL DEFAULT 0 CHECK (from_credit IN (0,1)),
    rate_series TEXT,
    CHECK ((state IN ('applied', 'reversed')) = (applied_minor IS NOT NULL)),
    CHECK ((applied_minor IS NULL) = (applied_charge_minor IS NULL)),
    CHECK ((applied_minor IS NULL) = (applied_at IS NULL))
) STRICT;
INSERT INTO new_allocations (
    id, issuer_id, payment_id, receivable_id, currency, amount_minor, charge_minor, rate, pending_minor,
    state, applied_minor, applied_charge_minor, parcialidad, balance_before_minor, balance_after_minor,
    applied_at, created_at, rate_on, rate_source, from_credit, rate_series
) SELECT
    id, issuer_id, payment_id, receivable_id, currency, amount_minor, charge_minor, rate, pending_minor,
    state, applied_minor, applied_charge_minor, parcialidad, balance_before_minor, balance_after_minor,
    applied_at, created_at, rate_on, rate_source, from_credit, rate_series
FROM allocations;
DROP TABLE allocations;
ALTER TABLE new_allocations RENAME TO allocations;
CREATE INDEX allocations_of_receivable ON allocations (receivable_id, state);
CREATE UNIQUE INDEX allocations_one_parcialidad ON allocations (receivable_id, parcialidad) WHERE parcialidad IS NOT NULL;
CREATE INDEX allocations_of_payment ON allocations (payment_id, receivable_id);
CREATE UNIQUE INDEX allocations_paid_once ON allocations (payment_id, receivable_id) WHERE state <> 'released';

-- The balance of the ERP's last word, to know the same word again; none of what was said before this.
ALTER TABLE receivables ADD COLUMN said_balance_minor INTEGER;

-- A transfer that nobody ordered is applied once some of it is on an invoice.
UPDATE payments SET applied_at = NULL WHERE origin = 'deposit' AND reversed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM allocations AS a WHERE a.payment_id = payments.id AND a.state = 'applied');
