-- What banks never answered asks to be looked at, also what was left so before anybody was asked.
-- The same stands in ../postgres under the same file name.

INSERT INTO payment_reviews (id, issuer_id, payment_id, reason, created_at)
SELECT randomblob(16), issuer_id, payment_id, 'unanswered', expires_at
FROM attempts WHERE state IN ('pending_bank', 'unknown');
