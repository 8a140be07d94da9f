"""A client of the LegitSMS API. Calls return typed values; exceptions are sorted by what the caller may do next.

Pure Python: imports no Django.
"""

from legitsms.client import Client
from legitsms.endpoint import SANDBOX_KEY, check_url
from legitsms.exceptions import (
    AccountBanned,
    AddressBlocked,
    AlreadyClosed,
    BadKey,
    BadService,
    BadStatus,
    Garbled,
    LegitSMSError,
    NoActivation,
    NoBalance,
    NoNumbers,
    NotSent,
    RateLimited,
    Refused,
    ServerFault,
    TooEarly,
    TooManyRequests,
    Uncertain,
    UncertainRateLimit,
)
from legitsms.lists import Country, Rows, Service
from legitsms.replies import Closed, Closing, Code, Number, Status, Waiting

__all__ = [
    "SANDBOX_KEY",
    "AccountBanned",
    "AddressBlocked",
    "AlreadyClosed",
    "BadKey",
    "BadService",
    "BadStatus",
    "Client",
    "Closed",
    "Closing",
    "Code",
    "Country",
    "Garbled",
    "LegitSMSError",
    "NoActivation",
    "NoBalance",
    "NoNumbers",
    "NotSent",
    "Number",
    "RateLimited",
    "Refused",
    "Rows",
    "ServerFault",
    "Service",
    "Status",
    "TooEarly",
    "TooManyRequests",
    "Uncertain",
    "UncertainRateLimit",
    "Waiting",
    "check_url",
]
