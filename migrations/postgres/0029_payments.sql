-- Credits go to the invoices they were sent for, and an ERP's word is known again.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- A line that found nothing to pay is no payment of its invoice: a credit may come to it later, as a line of its own.
ALTER TABLE allocations DROP CONSTRAINT allocations_payment_id_receivable_id_key;
CREATE INDEX allocations_of_payment ON allocations (payment_id, receivable_id);
CREATE UNIQUE INDEX allocations_paid_once ON allocations (payment_id, receivable_id) WHERE state <> 'released';

-- The balance of the ERP's last word, to know the same word again; none of what was said before this.
ALTER TABLE receivables ADD COLUMN said_balance_minor BIGINT;

-- A transfer that nobody ordered is applied once some of it is on an invoice.
UPDATE payments SET applied_at = NULL WHERE origin = 'deposit' AND reversed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM allocations AS a WHERE a.payment_id = payments.id AND a.state = 'applied');
