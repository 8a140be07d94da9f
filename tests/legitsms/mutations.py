"""Bodies that are almost right: a few steps away from curated ones. The same ones in every run."""

import json
import random
import re

BODIES = 10_000
BLANKS = " \t\r\n\f\v\ufeff"
PIECES = [
    *("", ":", "::", '"', "\\", "{", "}", "[", "]", ",", "\0", "\r\n", "\ufeff", "\u202e", "\ud800", "<b>", "'", "-"),
    *("NaN", "1e400", "1e999999999", "-0", "9" * 30, "null", "true", "\x85", "\u2028", "0", "\U0001f511", " ", "+"),
    *("ACCESS_NUMBER:", "STATUS_OK:", "STATUS_WAIT_RETRY:", "STATUS_CANCEL", "ACCESS_CANCEL", "NO_NUMBERS", "BAD_KEY"),
]  # fmt: skip
ENVELOPES = ['{"status":"error","message":%s}', '{"success":false,"error_code":%s}', "[%s]", " %s\r\n"]
ENVELOPES += ['{"status":true,"message":%s}', '{"status":"success","data":%s}', '{"title":%s,"details":"x"}']
VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|null|true|false|NaN|-?Infinity')
STEPS = [1, 1, 1, 2, 2, 3, 4]


def near(bodies, values=()):
    """Ten thousand bodies, most of them a few steps from `bodies`; in JSON, values often become others of `values`."""
    chance = random.Random(7)
    short = [body for body in bodies if len(body) < 2000]
    for number in range(BODIES):
        body = noise(chance) if number % 20 == 0 else chance.choice(short)
        for _ in range(chance.choice(STEPS)):
            is_revalued = values and chance.random() < 0.6
            body = other_value(body, chance, values) if is_revalued else chance.choice(MUTATIONS)(body, chance)
        yield body


def noise(chance):
    return chance.randbytes(chance.randint(0, 200)).decode(chance.choice(["utf-8", "latin-1", "utf-16"]), "replace")


def other_value(body, chance, values):
    found = list(VALUE.finditer(body))
    if not found:
        return body
    old = chance.choice(found)
    return body[: old.start()] + chance.choice(values) + body[old.end() :]


def cut(body, chance):
    start = chance.randint(0, len(body))
    return body[:start] + body[start + chance.randint(1, 5) :]


def end_early(body, chance):
    return body[: chance.randint(0, len(body))]


def put_in(body, chance):
    place = chance.randint(0, len(body))
    return body[:place] + chance.choice(PIECES) + body[place:]


def repeat(body, chance):
    start, end = sorted(chance.choices(range(len(body) + 1), k=2))
    return body[:end] + body[start:end] * chance.randint(1, 3) + body[end:]


def swap(body, chance):
    start, end = sorted(chance.choices(range(len(body) + 1), k=2))
    return body[:start] + body[end:] + body[start:end]


def misread(body, chance):
    """Flip one bit of what came over the wire."""
    raw = bytearray(body.encode("utf-8", "replace"))
    if raw:
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return raw.decode("utf-8", "replace")


def wrap(body, chance):
    return chance.choice(ENVELOPES) % json.dumps(body)


def other_case(body, _chance):
    return body.swapcase()


MUTATIONS = [cut, cut, end_early, put_in, put_in, repeat, swap, misread, misread, wrap, other_case]
