"""The API key, the request budget, and the health of the provider as its answers show it."""

from provider.models.api_key import ApiKey
from provider.models.budget import RequestBudget
from provider.models.health import ProviderHealth

__all__ = ["ApiKey", "ProviderHealth", "RequestBudget"]
