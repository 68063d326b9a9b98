-- The sandbox PAC's own memory. SQLite alone: it serves one rehearsal on one machine.

CREATE TABLE stamps (
    folio_fiscal TEXT NOT NULL PRIMARY KEY,
    sealed_sha256 BLOB NOT NULL UNIQUE,
    reference TEXT UNIQUE,
    emisor_rfc TEXT NOT NULL,
    receptor_rfc TEXT NOT NULL,
    fecha_timbrado TEXT NOT NULL,
    stamped_xml TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- How often a document was sent: some magic values behave by count.
CREATE TABLE arrivals (
    sealed_sha256 BLOB NOT NULL PRIMARY KEY,
    times INTEGER NOT NULL
) STRICT;
