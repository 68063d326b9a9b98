"""The text of a ticket's QR, signed by the till itself. Python 3, nothing but its own library.

    python3 sign.py < sale.json        {"address", "key_id", "secret", "order", "ticket", "total", "sold_at", "forma_pago"}
"""
import hashlib
import hmac
import json
import sys
from urllib.parse import quote


def sign(sale):
    numbers = [sale["order"].upper(), sale["ticket"].upper()]
    # On the branch's wall: 2026-11-18T17:42 becomes 20261118T1742.
    sold_at = sale["sold_at"][:16].replace("-", "").replace(":", "")
    fields = ["1", sale["key_id"], *numbers, sale["total"], sold_at, sale.get("forma_pago", "")]
    text = ":".join(fields)
    seal = hmac.new(sale["secret"].encode(), text.encode(), hashlib.sha256).hexdigest()[:32].upper()
    # Only the numbers may need an escape; the seal is over the plain text.
    fields[2:4] = [quote(number, safe="") for number in numbers]
    return sale["address"] + ":".join([*fields, seal])


if __name__ == "__main__":
    print(sign(json.load(sys.stdin)))
