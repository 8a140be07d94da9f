"""`python -m tests.storm [PART …]`: what takes too long for `make test`. Ends with 1 if anything was violated."""

import subprocess
import sys
import time

PARTS = {
    "kills": ["tests.storm.kills"],
    "model": ["tests.model", "--walks", "2000", "--steps", "60"],
    "broker": ["tests.storm.broker"],
    "halfopen": ["tests.storm.halfopen"],
    "restarts": ["tests.storm.restarts"],
    "before": ["tests.storm.before"],
}


def run(part: str) -> tuple[bool, float, str]:
    """Run one part in a process of its own. Returns whether it held, the seconds, and its last line."""
    print(f"--- {part}", flush=True)
    began, last = time.monotonic(), ""
    command = [sys.executable, "-m", *PARTS[part]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return process.returncode == 0, time.monotonic() - began, last


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - PARTS.keys():
        sys.exit(f"There is no part {', '.join(unknown)}; the parts are {', '.join(PARTS)}.")
    found = {part: run(part) for part in wanted or PARTS}
    print("\npart      held  took     figures")
    for part, (held, took, last) in found.items():
        print(f"{part:9} {'yes' if held else 'NO':5} {took:6.0f} s {last}")
    return 0 if all(held for held, _, _ in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
