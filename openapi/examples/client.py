# A client made by openapi-python-client: brings sales in, one by one and in bulk, reads one back, and publishes a document.
# openapi-python-client generate --path openapi/integrators.v1.json --config openapi/examples/openapi-python-client.yaml \
#   --output-path python --meta none
import io
import json
import os
import time
from datetime import datetime, timedelta, timezone

from python import AuthenticatedClient
from python.api.documents import get_document_pdf, put_document
from python.api.tickets import get_ticket, list_branches, post_tickets_bulk, put_ticket
from python.models import BulkResult, BulkTicket, LineTax, PutTicket, TicketLineBody
from python.types import File

client = AuthenticatedClient(base_url=os.environ["API_BASE"], token=os.environ["API_KEY"])
branch = list_branches.sync(client=client).data[0]
external_id = f"venta-{time.time_ns()}"
line = TicketLineBody(
    clave_prod_serv="14111514",
    cantidad="2",
    clave_unidad="H87",
    descripcion="Cuaderno raya",
    importe="118.00",
    impuesto=LineTax.IVA_16,
)
sale = PutTicket(
    branch=str(branch.id),
    order_number=external_id,
    ticket_number="1",
    sold_at=(datetime.now(timezone.utc) - timedelta(minutes=1)).isoformat(),
    total="118.00",
    forma_pago="04",
    lines=[line],
)
put_ticket.sync(external_id, client=client, body=sale)
ticket = get_ticket.sync(external_id, client=client)
# Not a list of the generator's: a state that comes later must not stop this program.
assert ticket.state == "open", ticket

# The same sale and one more, a line each.
body = sale.to_dict()
more = {**body, "order_number": f"{external_id}-2"}
lines = [BulkTicket.from_dict({**one, "external_id": name}) for one, name in [(body, external_id), (more, f"{external_id}-2")]]
ndjson = "".join(json.dumps(line.to_dict()) + "\n" for line in lines).encode()
told = post_tickets_bulk.sync(client=client, body=File(payload=io.BytesIO(ndjson)))
outcomes = [BulkResult.from_dict(json.loads(line)).outcome for line in told.payload]
assert outcomes == ["unchanged", "created"], outcomes

paper = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
published = put_document.sync(
    external_id,
    client=client,
    body=File(payload=io.BytesIO(paper)),
    kind="recibo",
    number=external_id[-40:],
    rfc="TAM010203ABA",
    issued_at="2026-11-01T07:00:00",
    total="118.00",
)
back = get_document_pdf.sync(published.document.id, client=client)
assert back.payload.read() == paper
print(f"{ticket.external_id} can be invoiced until {ticket.invoice_until}")
