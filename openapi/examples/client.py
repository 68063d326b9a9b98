# A client made by openapi-python-client: brings a sale in and reads it back.
# openapi-python-client generate --path openapi/integrators.v1.json --output-path python --meta none
import os
import time
from datetime import datetime, timedelta, timezone

from python import AuthenticatedClient
from python.api.tickets import get_ticket, list_branches, put_ticket
from python.models import LineTax, PutTicket, TicketLineBody, TicketStanding

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
assert ticket.state == TicketStanding.OPEN, ticket
print(f"{ticket.external_id} can be invoiced until {ticket.invoice_until}")
