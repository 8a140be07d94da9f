"""The catalogue and the API key in Django admin."""

from catalog.admin import api_key as api_key
from catalog.admin import lists as lists
