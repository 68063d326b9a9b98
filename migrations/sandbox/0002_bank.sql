-- What the sandbox bank was asked to charge, and what its customer decided. `session` and `indicator` are of orders that
-- came through the gateway's API.

CREATE TABLE bank_orders (
    merchant_order TEXT NOT NULL PRIMARY KEY,
    merchant_reference TEXT NOT NULL,
    amount TEXT NOT NULL,
    payer TEXT NOT NULL,
    return_url TEXT NOT NULL,
    session TEXT UNIQUE,
    indicator TEXT,
    decision TEXT,
    authorization TEXT,
    response TEXT,
    created_at TEXT NOT NULL,
    decided_at TEXT
) STRICT;
