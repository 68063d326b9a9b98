-- What banks never answered asks to be looked at, also what was left so before anybody was asked.
-- The same stands in ../sqlite under the same file name.

INSERT INTO payment_reviews (id, issuer_id, payment_id, reason, created_at)
SELECT gen_random_uuid(), issuer_id, payment_id, 'unanswered', expires_at
FROM attempts WHERE state IN ('pending_bank', 'unknown');
