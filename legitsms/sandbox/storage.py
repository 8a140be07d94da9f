"""The state file: one line of JSON for each change. A later line about the same order replaces an earlier one."""

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from legitsms.sandbox.orders import Order
from legitsms.sandbox.provider import Account, Provider


class Storage:
    """Writes each change before the call is answered, so a killed process loses nothing. Does not fsync."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written: dict[str, Any] = {}  # the account as last written

    def load(self, provider: Provider) -> None:
        """Load the file into `provider`, then rewrite it without replaced lines."""
        for row in self._rows():
            if "order" in row:
                order = Order.from_row(row["order"])
                provider.orders[order.id] = order
            else:
                provider.account = Account(**row["account"] | {"wallet": Decimal(row["account"]["wallet"])})
        provider.last_id = max(map(int, provider.orders), default=0)
        self.rewrite(provider)

    def _rows(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:  # the process was killed while it wrote its last line
                continue
        return rows

    def rewrite(self, provider: Provider) -> None:
        self._written = {}
        draft = self.path.with_suffix(".new")
        draft.write_text(self._lines(provider, list(provider.orders.values())), encoding="utf-8")
        draft.replace(self.path)
        provider.unsaved.clear()

    def save(self, provider: Provider) -> None:
        if lines := self._lines(provider, provider.unsaved):
            with self.path.open("a", encoding="utf-8") as file:
                file.write(lines)
        provider.unsaved.clear()

    def _lines(self, provider: Provider, orders: list[Order]) -> str:
        rows: list[dict[str, Any]] = [{"order": order.to_row()} for order in orders]
        account = asdict(provider.account) | {"wallet": str(provider.account.wallet)}
        if account != self._written:
            rows.append({"account": account})
            self._written = account
        return "".join(json.dumps(row) + "\n" for row in rows)
