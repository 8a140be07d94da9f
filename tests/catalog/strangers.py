"""Names that strangers may put into a list."""

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates too
HOSTILE = [
    "",
    " ",
    "\r\n",
    "\x00",
    "\ud800",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "\u202eppAstahW",
    "x" * 300,
    "\ufdfa" * 120,
    "Caf\ufffd",
    "/,+|",
]
