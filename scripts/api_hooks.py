# What schemathesis does not know by itself: bodies that the document has as bytes.
import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/pdf")
def as_bytes(ctx, value):
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()
