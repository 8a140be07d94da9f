"""Command line of the sandbox: `python -m legitsms.sandbox --port 8100`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from legitsms.sandbox.control import Control
from legitsms.sandbox.server import listen, serve


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise ValueError
    return speed


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate < float("inf"):
        raise ValueError
    return rate


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m legitsms.sandbox", description="A simulated LegitSMS server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--speed", type=_speed, default=1.0, help="divide every simulated wait by this")
    parser.add_argument("--state", type=Path, help="file that keeps wallet and orders across restarts")
    parser.add_argument(
        "--requests-per-minute",
        type=_rate,
        default=0,
        metavar="N",
        help="answer requests nearer than 60/N seconds to the last served one with HTTP 429 (default: 0, no limit)",
    )
    parser.add_argument(
        "--retry-after", action=argparse.BooleanOptionalAction, default=True, help="send Retry-After with HTTP 429"
    )
    parser.add_argument("--prices", action="store_true", help="support getPrices, getBalance and max_price")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listener = listen(arguments.host, arguments.port)
    control = Control(
        arguments.speed,
        arguments.state,
        requests_per_minute=arguments.requests_per_minute,
        retry_after=arguments.retry_after,
        prices=arguments.prices,
    )
    sys.stdout.write(f"LegitSMS sandbox: http://{arguments.host}:{arguments.port}/api/handler/\n")
    sys.stdout.flush()
    await serve(control, listener, stop)


def main() -> None:
    arguments = _arguments()
    try:
        asyncio.run(_run(arguments))
    except OSError as refused:  # the port is taken, or the state file cannot be written
        sys.exit(f"sandbox: {refused}")


if __name__ == "__main__":
    main()
