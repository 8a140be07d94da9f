"""Encrypting what the database keeps for later use, so that a copy of it gives nothing away.

The keys are not Django's SECRET_KEY, which signs. The first of FIELD_ENCRYPTION_KEYS encrypts, each of them decrypts.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotUnseal(Exception):  # noqa: N818  the fact: the text is there, and the key to it is not
    """None of FIELD_ENCRYPTION_KEYS opens this text. There is no other way to it."""

    def __init__(self) -> None:
        super().__init__("FIELD_ENCRYPTION_KEYS lacks the key that this was encrypted with")


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raise `CannotUnseal` where the text was sealed with a key that is not here any more, or is damaged."""
    try:
        return _box().decrypt(sealed).decode()
    except InvalidToken:
        raise CannotUnseal from None


def reseal(sealed: str) -> str:
    """The same text, sealed with the first key."""
    try:
        return _box().rotate(sealed).decode()
    except InvalidToken:
        raise CannotUnseal from None


def _box() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.FIELD_ENCRYPTION_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
