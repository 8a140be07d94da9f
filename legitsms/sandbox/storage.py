"""The state file: a line of JSON for each change; a later line about the same thing wins."""

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from legitsms.sandbox.orders import Order
from legitsms.sandbox.provider import Account, Provider


class Storage:
    """Each change is handed to the operating system before it is answered, so a killed sandbox forgets nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written: dict[str, Any] = {}  # the account as last written

    def load(self, provider: Provider) -> None:
        """Fill the provider from the file, then write the file anew without what has been overtaken."""
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
            except ValueError:  # the last line of a sandbox that was killed while writing
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
