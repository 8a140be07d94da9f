"""The team's account at LegitSMS: which upstream is used, the API key, and the provider's health."""
