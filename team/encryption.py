"""Encrypts secrets before they are stored, so that a copy of the database reveals none.

The keys are FIELD_ENCRYPTION_KEYS, not Django's SECRET_KEY. The first one encrypts, and each of them can decrypt.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class DecryptionFailed(Exception):  # noqa: N818  a fact to handle
    """None of FIELD_ENCRYPTION_KEYS decrypts this text."""

    def __init__(self) -> None:
        super().__init__("FIELD_ENCRYPTION_KEYS lacks the key that this was encrypted with")


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypt a text.

    Raises `DecryptionFailed` if it is damaged or its key is no longer in FIELD_ENCRYPTION_KEYS.
    """
    try:
        return _fernet().decrypt(encrypted).decode()
    except InvalidToken:
        raise DecryptionFailed from None


def reencrypt(encrypted: str) -> str:
    """Encrypt the text again with the first key. Raises `DecryptionFailed`."""
    try:
        return _fernet().rotate(encrypted).decode()
    except InvalidToken:
        raise DecryptionFailed from None


def _fernet() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.FIELD_ENCRYPTION_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
