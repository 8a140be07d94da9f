"""The lists of the three servers, and what joins them."""

from catalog.models.api_key import ApiKey
from catalog.models.joined import Brand, Decision, Favourite, Place, Suggestion
from catalog.models.lists import Country, CurrentQuerySet, Entry, Listing, Price, Server, Service

__all__ = [
    "ApiKey",
    "Brand",
    "Country",
    "CurrentQuerySet",
    "Decision",
    "Entry",
    "Favourite",
    "Listing",
    "Place",
    "Price",
    "Server",
    "Service",
    "Suggestion",
]
