-- What the bank's files of a day say: the number of a second charge, and transfers into the merchant's account.

ALTER TABLE bank_orders ADD COLUMN again TEXT;

CREATE TABLE bank_transfers (
    tracking TEXT NOT NULL PRIMARY KEY,
    amount TEXT NOT NULL,
    concept TEXT NOT NULL,
    came_at TEXT NOT NULL
) STRICT;
