"""The sandbox's rate limit: requests are served at a minimum distance, one at a time, without bursts."""

import math
from dataclasses import dataclass, field


@dataclass(slots=True)
class RateLimit:
    """Real time, not divided by the sandbox's speed: it limits the network, not the simulation."""

    requests_per_minute: float = 0  # 0: no limit
    retry_after: bool = True  # whether a refusal has a Retry-After header
    served: int = 0
    refused: int = 0
    _last_served_at: float = field(default=-math.inf, repr=False)  # monotonic seconds

    def __post_init__(self) -> None:
        self.change(self.requests_per_minute, retry_after=self.retry_after)

    def change(self, requests_per_minute: float, *, retry_after: bool) -> None:
        """Replace the limit, from the next request on. Raises `ValueError` unless it is a number, 0 or more."""
        if not isinstance(requests_per_minute, int | float) or not 0 <= requests_per_minute < math.inf:
            raise ValueError("requests_per_minute is a number, 0 or more")
        if not isinstance(retry_after, bool):
            raise ValueError("retry_after is true or false")  # noqa: TRY004 it comes from JSON, and is answered with 400
        self.requests_per_minute = requests_per_minute
        self.retry_after = retry_after

    def admit(self, now: float) -> float | None:
        """Count a request as served and return None; or count it as refused and return the seconds to wait."""
        if self.requests_per_minute and (wait := self._last_served_at + 60 / self.requests_per_minute - now) > 0:
            self.refused += 1
            return wait
        self.served += 1
        self._last_served_at = now
        return None

    def summary(self) -> dict[str, float | bool]:
        names = ("requests_per_minute", "retry_after", "served", "refused")
        return {name: getattr(self, name) for name in names}
