"""Servers that mean harm: each is what one does with a connection on which a request came."""

import zlib

from tests.legitsms.upstream import ENDLESS, reply

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"x" * 0x10000
CODE = b"STATUS_OK:123456"


def bomb(gibibytes=2):
    """Two MB of gzip that unpack to two GiB of noughts: one block again and again, each as if it were the first."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head, block = block[:10], block[10:]
    return head + block * (1024 * gibibytes)


BOMB = bomb()


def flood_after(*pieces, of=PIECE):
    return lambda line: (line.say(*pieces), line.flood(of))


def drip_after(*pieces, of=b"x", pause=0.05):
    return lambda line: line.drip([*pieces, *[of] * ENDLESS], pause)


def say(*pieces):
    """Say this and hang up. It is no whole answer, after which the client would ask the next thing on the same line."""
    return lambda line: (line.say(*pieces), line.hang_up())


def answer(*given, **options):
    return lambda line: line.say(reply(*given, **options))


def packed(encoding, body=BOMB):
    return answer(body, f"Content-Encoding: {encoding}")


LARGE = {
    "200 MB": flood_after(HEAD + b"Content-Length: 200000000\r\n\r\n"),
    "a body without end": flood_after(HEAD + b"\r\n"),
    "a page of an error without end": flood_after(b"HTTP/1.1 503 x\r\n\r\n"),
    "a page of four-byte letters without end": flood_after(HEAD + b"\r\n", of="\U0001f511".encode() * 0x4000),
    "chunks without end": flood_after(CHUNKED, of=b"10000\r\n" + PIECE + b"\r\n"),
    "a chunk of 16 EiB": flood_after(CHUNKED + b"ffffffffffffffff\r\n"),
    "a chunk's size without end": flood_after(CHUNKED, of=b"0" * 0x10000),
    "a chunk's comment without end": flood_after(CHUNKED + b"1;", of=PIECE),
    "trailers without end": flood_after(CHUNKED + b"0\r\n", of=b"X: y\r\n" * 9000),
    "a bomb of 2 GiB": packed("gzip"),
    "a bomb that is called deflate": packed("deflate"),
    "a bomb that is called brotli": packed("br"),
    "a bomb that is called zstandard": packed("zstd"),
    "a bomb in fifty layers": packed(", ".join(["gzip"] * 50)),
    "a bomb without a label": answer(BOMB),
    "a bomb in chunks": say(
        HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%x\r\n" % len(BOMB),
        BOMB,
        b"\r\n0\r\n\r\n",
    ),
    "a hundred headers of 64 KiB": say(
        HEAD, *[b"X-%d: " % n + PIECE[:-64] + b"\r\n" for n in range(99)], b"\r\n", CODE
    ),
    "headers without end": flood_after(HEAD, of=b"X: y\r\n" * 9000),
    "a header without end": flood_after(HEAD + b"X: "),
    "a status line without end": flood_after(b"HTTP/1.1 200 "),
    "100 Continue without end": flood_after(of=b"HTTP/1.1 100 Continue\r\nX: " + PIECE[:-99] + b"\r\n\r\n"),
    "as many lengths as there are": lambda line: line.say(HEAD + b"Content-Length: 1\r\n" * 90 + b"\r\n1"),
}
SLOW = {
    "silence": lambda line: line.stay_silent(),
    "a byte now and then": drip_after(HEAD + b"Content-Length: 9999\r\n\r\n"),
    "a byte of a header now and then": drip_after(HEAD),
    "a chunk now and then": drip_after(CHUNKED, of=b"1\r\nx\r\n"),
    "100 Continue now and then": drip_after(of=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "less than its length": lambda line: (line.say(HEAD + b"Content-Length: 999\r\n\r\n" + CODE), line.stay_silent()),
    "a chunk that does not end": lambda line: (line.say(CHUNKED + b"10\r\n" + CODE), line.stay_silent()),
}
ODD = {
    "an end before its length": say(HEAD + b"Content-Length: 999\r\n\r\n" + CODE),
    "two lengths": lambda line: line.say(HEAD + b"Content-Length: 3\r\nContent-Length: 16\r\n\r\n" + CODE),
    "HTTP 0.9": say(CODE),
    "a TLS alert": say(b"\x15\x03\x03\x00\x02\x02\x28"),
    "a proxy's preamble": say(b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + reply(CODE)),
    "a page": answer(b"<html><script>alert(1)</script>STATUS_CANCEL</html>"),
    "JSON with NaN": answer(b'{"status":NaN}'),
    "JSON ten thousand deep": answer(b"[" * 10_000 + b"]" * 10_000),
    "JSON with 10^400": answer(b'{"status":1' + b"0" * 400 + b"}"),
    "NUL bytes": answer(b"STATUS_CANCEL\0"),
    "half a surrogate pair": answer(b'"\\ud800"'),
    "Latin-1": answer("STATUS_ÄÖÜ".encode("latin-1")),
    "UTF-16": answer("STATUS_CANCEL".encode("utf-16")),
    "an empty answer": answer(b""),
    "HTTP 204": answer(status="204 No Content"),
    "HTTP 304": answer(status="304 Not Modified"),
}
