"""A server of raw sockets that misbehaves as a test wants it to: the test says every byte."""

import contextlib
import socket
import threading

ENDLESS = 600  # pieces, at most, of an answer that never ends


def reply(body=b"STATUS_WAIT_CODE", *headers, status="200 OK"):
    """Return the bytes of a well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


class Upstream:
    """Answers each request by `self.behave(line)`; keeps the heads of the requests, and counts the connections."""

    def __init__(self, context=None):
        self.requests = []
        self.connections = 0
        self.has_hung_up = threading.Event()  # the client's end was closed while we still answered
        self.is_over = threading.Event()
        self.context = context
        self.behave = lambda line: line.say(reply())
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self):
        host = "https://localhost" if self.context else "http://127.0.0.1"
        return f"{host}:{self.port}/api/handler/"

    @property
    def port(self):
        return self._listener.getsockname()[1]

    def close(self):
        self.is_over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), Line(self, connection) as line:
            while head := line.hear():
                self.requests.append(head)
                self.behave(line)


class Line:
    """One connection, from the server's side."""

    def __init__(self, upstream, connection):
        self.upstream = upstream
        self.connection = connection
        self.request = b""

    def __enter__(self):
        if self.upstream.context:
            raw = self.connection
            try:
                self.connection = self.upstream.context.wrap_socket(raw, server_side=True)
            except BaseException:
                raw.close()
                raise
        self.connection.settimeout(0.02)
        return self

    def __exit__(self, *_):
        self.connection.close()

    def hear(self):
        """Return the head of the next request, or nothing once there can be none."""
        head = b""
        while b"\r\n\r\n" not in head and not self.upstream.is_over.is_set():
            try:
                piece = self.connection.recv(65536)
            except TimeoutError:
                continue
            if not piece:
                return b""
            head += piece
        self.request = head
        return head

    def say(self, *pieces):
        for piece in pieces:
            self.connection.sendall(piece)

    def drip(self, pieces, pause=0.05):
        """Say a piece now and then, until the client hangs up."""
        with contextlib.suppress(TimeoutError):
            for piece in pieces:
                try:
                    self.say(piece)
                except OSError:
                    self.upstream.has_hung_up.set()
                    raise
                if self.upstream.is_over.wait(pause):
                    return

    def flood(self, piece):
        """Say a piece as fast as it is read; return how many bytes were, until the client hung up."""
        count = 0
        while not self.upstream.is_over.is_set():
            try:
                count += self.connection.send(piece)
            except TimeoutError:
                continue
            except OSError:
                self.upstream.has_hung_up.set()
                return count
        return count

    def hang_up(self):
        """Close so that the client sees an end, or a reset if there is something left to read."""
        self.connection.close()

    def stay_silent(self):
        """Say nothing until the client hangs up."""
        while not self.upstream.is_over.is_set():
            try:
                self.connection.recv(1)
            except TimeoutError:
                continue
            except OSError:
                pass
            self.upstream.has_hung_up.set()
            return
