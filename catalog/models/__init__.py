"""The lists of the three servers, and the places and brands that match their entries."""

from catalog.models.lists import Country, CurrentQuerySet, Entry, Listing, Price, Server, Service
from catalog.models.matched import Brand, Decision, Favourite, Place, Suggestion
from provider.models import ApiKey

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
