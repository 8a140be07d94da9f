"""The settings of single sign-on with OpenID Connect. It is off unless the environment names a provider."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from legitsms_site.environment import env

ROLES = ("Administrator", "Buyer", "Viewer")  # as in team.roles, which cannot be imported before the settings
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider. `roles` maps its groups to roles."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    claim: str
    roles: dict[str, str]

    @property
    def origin(self) -> str:
        """The origin to which browsers are redirected."""
        site = urlsplit(self.issuer)
        return f"{site.scheme}://{site.netloc}"

    def as_app(self) -> dict[str, Any]:
        """Return the provider as an entry of allauth's APPS setting."""
        options = {"server_url": self.issuer, "oauth_pkce_enabled": True}
        names = {"provider_id": "sso", "name": self.name}
        return names | {"client_id": self.client_id, "secret": self.client_secret, "settings": options}


def provider() -> Provider | None:
    """Return the provider from the environment, or None. Raises `ImproperlyConfigured` if a variable is missing."""
    given = {
        "OIDC_ISSUER": env.str("OIDC_ISSUER", default="").rstrip("/"),
        "OIDC_CLIENT_ID": env.str("OIDC_CLIENT_ID", default=""),
        "OIDC_CLIENT_SECRET": env.str("OIDC_CLIENT_SECRET", default=""),
        "OIDC_ROLES": env.str("OIDC_ROLES", default=""),
    }
    if not any(given.values()):
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise ImproperlyConfigured(f"{missing[0]} is needed, too, for single sign-on.")
    issuer, client_id, client_secret, mapping = given.values()
    site = urlsplit(issuer)
    if not site.hostname or not (site.scheme == "https" or (site.scheme == "http" and site.hostname in LOOPBACK)):
        raise ImproperlyConfigured("OIDC_ISSUER must be an https address.")
    name, claim = env.str("OIDC_NAME", default="single sign-on"), env.str("OIDC_GROUPS_CLAIM", default="groups")
    return Provider(issuer, client_id, client_secret, name, claim, parse_roles(mapping))


def parse_roles(mapping: str) -> dict[str, str]:
    """Parse `Administrator=desk-admins,Buyer=desk-buyers` into the role of each group."""
    pairs = [pair.strip().partition("=") for pair in mapping.split(",") if pair.strip()]
    if any(role not in ROLES or not group for role, _, group in pairs):
        raise ImproperlyConfigured("OIDC_ROLES must be like Administrator=desk-admins,Buyer=desk-buyers,Viewer=all.")
    return {group: role for role, _, group in pairs}
