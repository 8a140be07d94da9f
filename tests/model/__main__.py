"""`python -m tests.model --walks 2000 --steps 60 [--seed N]`: random walks over the desk, one seed after the other.

On SQLite, or under `python -m tests.postgres` on PostgreSQL. Stops with 1 at the first walk on which something no
longer holds, and says how to walk it again.
"""

import argparse
import gc
import os
import random
import sys
import time
import traceback
from contextlib import contextmanager

import django

REPORT_EVERY = 100
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
gc.set_threshold(50_000, 20, 100)  # as in the tests


def main():
    wanted = arguments()
    django.setup()
    began = time.monotonic()
    with machine() as walker:
        is_sound = all(goes_well(walker, seed, wanted) for seed in range(wanted.seed, wanted.seed + wanted.walks))
        tally = walker.lasting.tally
        print("faults:", ", ".join(f"{what} {times}" for what, times in sorted(tally.faults.items())))
        print(f"{'all held' if is_sound else 'VIOLATED'}: {tally}, {time.monotonic() - began:.0f} s")
    return 0 if is_sound else 1


def arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--walks", type=int, default=200)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of the first walk")
    return parser.parse_args()


@contextmanager
def machine():
    """The machine, on a database of its own."""
    from django.test.runner import DiscoverRunner

    from tests.model.desk import furnish
    from tests.model.machine import Machine

    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        Machine.lasting = furnish()
        yield Machine
    finally:
        runner.teardown_databases(databases)


def goes_well(walker, seed, wanted):
    from tests.model.walk import walk

    try:
        walk(walker, seed, wanted.steps)
    except Exception:  # noqa: BLE001  whatever it is, here it ends
        traceback.print_exc()
        print(f"FAILED: python -m tests.model --walks 1 --steps {wanted.steps} --seed {seed}")
        return False
    if (done := seed - wanted.seed + 1) % REPORT_EVERY == 0:
        print(f"{done} walks, the last with seed {seed}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
