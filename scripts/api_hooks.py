# What schemathesis does not know by itself: bodies that the document has as bytes.
import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/pdf")
def as_bytes(ctx, value):
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()


# The rehearsal's own company, by the name it has in addresses: one made up is not found, and nothing behind it is asked.
ISSUER = "colibri-azul"


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    for name in ("issuer", "slug"):
        made_up = (path_parameters or {}).get(name)
        # A fifth stays as it was: what is not found keeps its promises too.
        if isinstance(made_up, str) and len(made_up) % 5:
            path_parameters[name] = ISSUER
    return path_parameters
