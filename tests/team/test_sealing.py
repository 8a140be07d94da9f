import pytest

from team import sealing
from team.sealing import CannotUnseal

OLD, NEW = "an old key of the desk, long enough", "a new key of the desk, long enough"


def test_what_was_sealed_is_opened_again():
    assert sealing.unseal(sealing.seal("a secret")) == "a secret"


def test_what_is_sealed_gives_nothing_away():
    assert "secret" not in sealing.seal("a secret")


def test_the_first_key_seals_and_each_opens(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    sealed = sealing.seal("a secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert sealing.unseal(sealed) == "a secret"


@pytest.mark.parametrize("spoil", [lambda sealed: sealed[:-2], lambda _: "plain text", lambda _: ""])
def test_a_damaged_text_is_no_text(spoil):
    with pytest.raises(CannotUnseal):
        sealing.unseal(spoil(sealing.seal("a secret")))


def test_without_its_key_nothing_opens_it(settings):
    sealed = sealing.seal("a secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CannotUnseal, match="FIELD_ENCRYPTION_KEYS") as closed:
        sealing.unseal(sealed)
    assert "a secret" not in repr(closed.value)


def test_resealed_it_needs_the_new_key_only(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    sealed = sealing.seal("a secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    resealed = sealing.reseal(sealed)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert sealing.unseal(resealed) == "a secret"
