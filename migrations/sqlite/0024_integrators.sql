-- Lists of an issuer's customers, invoices and receivables by their last change; of these also what no program named.
DROP INDEX receivables_by_change;
CREATE INDEX receivables_by_change ON receivables (issuer_id, updated_at, id);
CREATE INDEX customer_externals_by_change ON customer_externals (issuer_id, updated_at, external_id);
-- Whatever happens to an invoice happens at an attempt.
CREATE INDEX stamps_by_change ON stamps (issuer_id, (COALESCE(last_attempt_at, created_at)), id);
