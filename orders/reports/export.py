"""The history as CSV, streamed row by row, with formulas in untrusted text neutralised."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime

from orders.code_visibility import CodeVisibility
from orders.models import Order
from orders.models.querysets import OrderQuerySet
from orders.presentation import OrderCard

CHUNK = 1000
BOM = "\ufeff"  # by which spreadsheets know that it is UTF-8
HEAD = (
    "Order", "Asked for (UTC)", "Bought by", "Now of", "Service", "Country", "Server", "Number", "Codes", "Result",
    "Code after (seconds)", "Price (dollars)", "Estimate (dollars)", "Refund", "For", "LegitSMS order ID", "LegitSMS",
)  # fmt: skip

# A spreadsheet takes a cell for a formula by its first sign; where it splits at other signs than a comma, a cell may
# begin in the middle of ours. The mark before such a sign makes it text. To read a cell back: drop each ' that stands
# first, or after ; or | or a tab or line break, and before such a sign.
SEPARATORS, BREAKS = r";|\t\r\n", r"\t\r\n"
BLANKS = r"(?:[^\S\t\r\n]|[\u200b-\u200f\u2060\ufeff])*"
SIGNS = r"=+\-@'\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a-\u207c\u208a-\u208c\u2212"  # in every width
FORMULA = re.compile(rf"^(?={BLANKS}[{BREAKS}])|(^|[{SEPARATORS}])(?={BLANKS}[{SIGNS}])")


def escape_formula(text: str) -> str:
    return FORMULA.sub(r"\1'", text)


class Echo:
    """A file object for `csv` that returns each line."""

    def write(self, line: str) -> str:
        return line


def lines(orders: OrderQuerySet[Order], visibility: CodeVisibility) -> Iterator[str]:
    """A CSV file of `orders`, newest first, line by line. Codes that `visibility` does not see stay masked."""
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield BOM + writer.writerow(HEAD)
    for order in read(orders):
        yield writer.writerow(escape_formula(str(cell)) for cell in cells(order, visibility))


def read(orders: OrderQuerySet[Order]) -> Iterator[Order]:
    """All of `orders`, a chunk at a time: no cursor is held open for as long as a slow reader takes."""
    newest_first = orders.order_by("-requested_at", "-pk")
    rows = newest_first.select_related("owner", "purchase__buyer").prefetch_related("codes")
    chunk = list(rows[:CHUNK])
    while chunk:
        yield from chunk
        chunk = list(rows.older_than(chunk[-1].pk)[:CHUNK])


def cells(order: Order, visibility: CodeVisibility) -> tuple[object, ...]:
    return (
        order.pk,
        format_time(order.requested_at),
        order.purchase.buyer.short_name,
        order.owner.short_name,
        order.service_name,
        order.country_name,
        order.server,
        f"+{order.phone}" if order.phone else "",
        "\n".join(visibility.text(code) for code in order.codes.all()),
        OrderCard(order).state_label,
        int(order.waited.total_seconds()) if order.waited is not None else "",
        order.price if order.price is not None else "",
        order.estimate if order.price is None and order.estimate is not None else "",
        order.refund,
        order.note,
        order.activation_id,
        order.upstream,
    )


def format_time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
