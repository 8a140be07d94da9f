"""The ways people write one phone number."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat


@dataclass(frozen=True, slots=True)
class Format:
    key: str
    label: str
    text: str


def international(digits: str) -> str:
    """As people read it first; the first of `formats`, alone."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def formats(digits: str) -> list[Format]:
    """International first. `digits` come from LegitSMS and need not be a real number, so nothing here depends on it."""
    plain = [Format("digits", "Digits only", digits), Format("plus", "With plus", f"+{digits}")]
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return [Format("international", "International", f"+{digits}"), *plain]
    return [
        Format("international", "International", phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)),
        Format("national", "National", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)),
        *plain,
        Format("local", "Without country code", phonenumbers.national_significant_number(number)),
    ]
