"""What happened in all examples together: a test of which nothing is seen to happen proves nothing."""

from collections import Counter


class Tally:
    def __init__(self):
        self.walks = self.steps = self.purchases = self.over_limit = 0
        self.refused = self.not_found = 0  # requests of members who may not
        self.rules = Counter()  # by the rule's name
        self.arrows = Counter()  # by (from, to)
        self.faults = Counter()  # what LegitSMS, a worker or the database did wrong

    @property
    def statuses(self):
        return {status for arrow in self.arrows for status in arrow}

    def __str__(self):
        return (
            f"{self.walks} walks, {self.steps} steps, {self.purchases} purchases, "
            f"{self.arrows.total()} changes of status, {self.faults.total()} faults, "
            f"{self.refused + self.not_found} requests of members who may not, {self.over_limit} over a limit"
        )
