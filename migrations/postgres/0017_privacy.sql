-- Privacy: notices by version, who accepted which, requests about personal data, and changes of a mail address.
-- The same tables stand in ../sqlite under the same file name; a test compares them column by column.

-- Never changed: another text is another version.
CREATE TABLE privacy_notices (
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    version BIGINT NOT NULL,
    text TEXT,
    url TEXT,
    published_by UUID REFERENCES users (id),
    published_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer_id, version),
    CHECK ((text IS NULL) <> (url IS NULL))
);

CREATE TABLE privacy_acceptances (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL,
    version BIGINT NOT NULL,
    -- Whose it is: a person's with an account, or a guest's with one invoice.
    user_id UUID REFERENCES users (id),
    stamp_id UUID UNIQUE REFERENCES stamps (id),
    channel TEXT NOT NULL CHECK (channel IN ('registration', 'invitation', 'portal', 'guest')),
    accepted_at TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, issuer_id, version),
    FOREIGN KEY (issuer_id, version) REFERENCES privacy_notices (issuer_id, version),
    CHECK ((user_id IS NULL) = (channel = 'guest')),
    CHECK ((stamp_id IS NULL) = (channel <> 'guest'))
);

-- A request of acceso, rectificación, cancelación or oposición, with the day it must be answered by.
CREATE TABLE arco_cases (
    id UUID PRIMARY KEY,
    issuer_id UUID NOT NULL REFERENCES issuers (id),
    customer_id UUID NOT NULL REFERENCES customers (id),
    user_id UUID NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'rectification', 'cancellation', 'opposition')),
    words TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    due_on TEXT NOT NULL,
    answered_at TIMESTAMPTZ,
    answered_by UUID REFERENCES users (id),
    granted BOOLEAN,
    answer TEXT,
    CHECK ((answered_at IS NULL) = (answer IS NULL) AND (answered_at IS NULL) = (granted IS NULL))
);
CREATE INDEX arco_cases_by_issuer ON arco_cases (issuer_id, id DESC);
CREATE INDEX arco_cases_of_user ON arco_cases (user_id, id DESC);

-- A mail address that is to be a person's, once its reader proves to read it. The code is kept nowhere.
CREATE TABLE email_changes (
    user_id UUID PRIMARY KEY REFERENCES users (id),
    id UUID NOT NULL,
    email TEXT NOT NULL,
    tries BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX email_changes_by_end ON email_changes (expires_at);
