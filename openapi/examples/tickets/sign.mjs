// The text of a ticket's QR, signed by the till itself. Node 18 or later, nothing but its own library.
//
//     node sign.mjs < sale.json        {"address", "key_id", "secret", "order", "ticket", "total", "sold_at", "forma_pago"}
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

// encodeURIComponent leaves !'()* as they are; no number may have them.
const escape = (number) => encodeURIComponent(number);

export function sign(sale) {
  const numbers = [sale.order.toUpperCase(), sale.ticket.toUpperCase()];
  // On the branch's wall: 2026-11-18T17:42 becomes 20261118T1742.
  const soldAt = sale.sold_at.slice(0, 16).replaceAll('-', '').replaceAll(':', '');
  const head = ['1', sale.key_id];
  const tail = [sale.total, soldAt, sale.forma_pago ?? ''];
  const text = [...head, ...numbers, ...tail].join(':');
  const seal = createHmac('sha256', sale.secret).update(text, 'utf8').digest('hex').slice(0, 32).toUpperCase();
  // Only the numbers may need an escape; the seal is over the plain text.
  return sale.address + [...head, ...numbers.map(escape), ...tail, seal].join(':');
}

console.log(sign(JSON.parse(readFileSync(0, 'utf8'))));
