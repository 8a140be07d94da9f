"""The errors of the client: what they keep, and what survives a trip through a queue or a log."""

import pickle

import pytest

from legitsms.error_words import ERROR_WORDS
from legitsms.exceptions import LegitSMSError, Refused, ServerFault, Uncertain

BY_WORD = {word: meaning.error for word, meaning in ERROR_WORDS.items()}


def test_an_error_shows_its_kind_and_not_the_answer():
    assert str(Uncertain("timeout", "<html>")) == "timeout"


def test_an_error_keeps_the_first_256_characters_of_the_answer():
    assert Uncertain("HTTP 503", "x" * 1000).excerpt == "x" * 256


@pytest.mark.parametrize("hostile", ["\0", "\n", "\x1b", "\u2028", "\u202e", "\ud800", "\x7f"])
def test_an_excerpt_is_printable(hostile):
    assert Uncertain("not understood", f"a{hostile}b").excerpt == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("error", [Uncertain("timeout"), *(kind(word, "answer") for word, kind in BY_WORD.items())])
def test_an_error_survives_pickling(error):
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), copy.kind, copy.excerpt) == (type(error), error.kind, error.excerpt)


def test_a_refusal_has_the_word_of_the_protocol():
    assert Refused("CHANNELS_LIMIT").word == "CHANNELS_LIMIT"


@pytest.mark.parametrize(("word", "error"), BY_WORD.items())
def test_a_word_either_refuses_or_leaves_doubt(word, error):
    assert issubclass(error, Refused) != issubclass(error, ServerFault)
    assert issubclass(error, LegitSMSError)
