"""The API key, and the health of the provider as its answers show it."""

from provider.models.api_key import ApiKey
from provider.models.health import ProviderHealth

__all__ = ["ApiKey", "ProviderHealth"]
