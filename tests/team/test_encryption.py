import pytest

from team import encryption
from team.encryption import DecryptionFailed

OLD, NEW = "an old key of the desk, long enough", "a new key of the desk, long enough"


def test_what_was_encrypted_is_decrypted_again():
    assert encryption.decrypt(encryption.encrypt("a secret")) == "a secret"


def test_what_is_encrypted_gives_nothing_away():
    assert "secret" not in encryption.encrypt("a secret")


def test_the_first_key_encrypts_and_each_decrypts(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    encrypted = encryption.encrypt("a secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert encryption.decrypt(encrypted) == "a secret"


@pytest.mark.parametrize("spoil", [lambda encrypted: encrypted[:-2], lambda _: "plain text", lambda _: ""])
def test_a_damaged_text_is_no_text(spoil):
    with pytest.raises(DecryptionFailed):
        encryption.decrypt(spoil(encryption.encrypt("a secret")))


def test_without_its_key_nothing_opens_it(settings):
    encrypted = encryption.encrypt("a secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(DecryptionFailed, match="FIELD_ENCRYPTION_KEYS") as closed:
        encryption.decrypt(encrypted)
    assert "a secret" not in repr(closed.value)


def test_reencrypted_it_needs_the_new_key_only(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    encrypted = encryption.encrypt("a secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    reencrypted = encryption.reencrypt(encrypted)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert encryption.decrypt(reencrypted) == "a secret"
