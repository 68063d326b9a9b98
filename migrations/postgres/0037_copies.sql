-- A copy of an invoice's letter is its reader's own affair: whoever asked for the invoice is not shown where copies went.
-- The same statement stands in ../sqlite under the same file name.

UPDATE letters SET stamp_id = NULL WHERE stamp_id IS NOT NULL AND kind = 'invoice_ready'
    AND (text_body LIKE '%Recibe copia de este correo porque quien administra la cuenta%'
    OR text_body LIKE '%You get a copy of this letter because whoever administers the account%');
