"""Bodies that are no JSON: what schemathesis cannot make from the document by itself."""

import json

import schemathesis
from hypothesis import strategies as st

# Bytes, and such as begin like a frame of partition 0 without meta.
frame = st.binary(max_size=200).map(lambda rest: bytes(8) + len(rest).to_bytes(4, "big") + rest)
schemathesis.openapi.media_type(
    "application/vnd.stratalog.batches", st.binary(max_size=200) | frame
)

record = st.fixed_dictionaries({"value": st.none() | st.text(max_size=20)})
line = record.map(json.dumps) | st.text(max_size=40)
schemathesis.openapi.media_type(
    "application/x-ndjson", st.lists(line, max_size=5).map(lambda lines: "\n".join(lines).encode())
)
