"""A LegitSMS that only lists, over real HTTP on this machine, in a process of its own: it is no part of the figures."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.lists import Lists


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        given = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        turn, asked = self.server.turn, self.server.asked
        asked.value += 1
        answer = self.server.lists.answer(given["action"], int(given["server"]), given.get("country", ""), turn.value)
        body = answer.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(folder: Path | None, port, turn, asked) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.lists, server.turn, server.asked = Lists(folder), turn, asked
    port.send(server.server_port)
    server.serve_forever()


@contextmanager
def running(folder: Path | None):
    """Yields the URL, the number of the round (to be set) and of the requests so far."""
    own = get_context("fork")
    (here, there), turn, asked = own.Pipe(), own.Value("i", 1), own.Value("i", 0)
    process = own.Process(target=serve, args=(folder, there, turn, asked), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/api/handler/", turn, asked
    finally:
        process.terminate()
        process.join()
