"""How often an order is asked about, how long each step may take, and the rules with a time in them."""

from datetime import timedelta

from django.conf import settings

from provider.choices import clock_speed

# Polling
POLL_EVERY = timedelta(seconds=3)
POLL_RECEIVED_EVERY = timedelta(seconds=30)  # a second message may follow the first
POLL_UNKNOWN_EVERY = timedelta(seconds=60)  # LegitSMS does not know the order
POLL_CAPPED_EVERY = timedelta(minutes=5)  # past settings.HARD_CAP
POLL_ENDED_EVERY, POLL_ENDED_FOR = timedelta(seconds=60), timedelta(minutes=10)  # a code may still come after the end
LONGEST_RETRY = timedelta(seconds=25)  # after failed polls; with its jitter, 30
LONGEST_POSTPONEMENT = timedelta(hours=1)
UNCHECKED_AFTER = timedelta(seconds=30)
UNKNOWN_TIMES, UNKNOWN_FOR = 3, timedelta(seconds=60)  # NO_ACTIVATION this often, for this long, needs a person
GRID_SLACK = timedelta(milliseconds=250)  # beat's period: a poll this late stays on the order's own grid
MIN_POLL_DISTANCE = POLL_EVERY - GRID_SLACK

# Buying
BUY_WITHIN = timedelta(seconds=120)  # a request older than this would be a surprise purchase
CHECK_EVERY = timedelta(seconds=15)  # of a reported purchase; longer than one request can take

# Cancelling and finishing
SENDING_TIMEOUT = timedelta(seconds=15)  # longer than the requests usually take; a repeat is safe
CANCEL_RETRY_PAUSES = [timedelta(seconds=seconds) for seconds in (15, 30, 60)]
FINISH_RETRY_PAUSES = [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300)]


def cancel_delay(upstream: str) -> timedelta:
    """How long after the purchase LegitSMS begins to allow a cancel (ERROR_WAIT_2_MINUTES before that)."""
    return settings.CANCEL_AFTER / clock_speed(upstream)


def expected_life(upstream: str) -> timedelta:
    """How long a number probably lives: LegitSMS does not say."""
    return settings.EXPECTED_LIFE / clock_speed(upstream)
