"""The version, read once from the newest heading of CHANGELOG.md."""

import re

from legitsms_site.environment import BASE_DIR


def newest_version() -> str:
    found = re.search(r"^## (\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
    return found[1] if found else "0"


VERSION = newest_version()
