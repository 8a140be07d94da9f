"""Named points that are armed while the processes run: the first process that passes one dies, and no second."""

import os
import time
from pathlib import Path


class Mines:
    """Stands where `orders.failpoints` looks for the name of a point. A mine is a file with that name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __eq__(self, point: object) -> bool:
        """Whether the process that asks is to die at `point` now."""
        try:
            (self.folder / str(point)).rename(self.folder / f"{point}.{os.getpid()}.{time.monotonic_ns()}.sprung")
        except OSError:
            return False
        return True

    __hash__ = object.__hash__

    def lay(self, point: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / point).touch()

    def clear(self) -> None:
        for path in self.folder.glob("*"):
            if path.suffix != ".sprung":
                path.unlink(missing_ok=True)

    def is_laid(self, point: str) -> bool:
        return (self.folder / point).exists()

    def sprung(self) -> int:
        return len(list(self.folder.glob("*.sprung")))
