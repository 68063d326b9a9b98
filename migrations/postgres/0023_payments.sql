-- How and when money came, by the word of who has it, and at which rate each issuer charges what is not in pesos.
-- The same columns stand in ../sqlite under the same file name; a test compares them column by column.

-- FormaDePagoP and FechaPago of a complemento de pago. A message goes through the payer's hands; what the bank says in a
-- file, or when it is asked, replaces it; what somebody of the staff says replaces both.
ALTER TABLE attempts ADD COLUMN forma_de_pago TEXT;
ALTER TABLE attempts ADD COLUMN forma_source TEXT CHECK (forma_source IN ('message', 'bank', 'staff'));
-- As the bank wrote it, and the instant that it is.
ALTER TABLE attempts ADD COLUMN bank_date TEXT;
ALTER TABLE attempts ADD COLUMN paid_at TIMESTAMPTZ;
UPDATE attempts SET forma_de_pago = '03', forma_source = 'bank' WHERE bank = 'spei' AND state = 'confirmed';

-- Who asks about a payment has its number, the bank's, or an amount.
CREATE INDEX attempts_by_transaction ON attempts (issuer_id, bank_transaction) WHERE bank_transaction IS NOT NULL;
CREATE INDEX payments_by_amount ON payments (issuer_id, amount_minor);

-- The series of the rate that is frozen beside it.
ALTER TABLE allocations ADD COLUMN rate_series TEXT;

-- None: as the server is set.
ALTER TABLE issuers ADD COLUMN rate_policy TEXT CHECK (rate_policy IN ('invoice', 'day'));
