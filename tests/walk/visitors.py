"""Everybody who may stand at the door, and what each address wants of them."""

from enum import StrEnum

from team.roles import ADMINISTER, BUY, GRANTS, SEE_CODES, Role

ANYBODY, ONESELF, LOOK, STAFF = "anybody", "oneself", "look", "staff"


class Visitor(StrEnum):
    ANONYMOUS = "anonymous"
    DEACTIVATED = "deactivated"
    WITHOUT_ROLE = "a member without a role"
    VIEWER = "viewer"
    BUYER = "buyer"
    ADMINISTRATOR = "administrator"

    @property
    def is_signed_in(self):
        return self not in {Visitor.ANONYMOUS, Visitor.DEACTIVATED}

    @property
    def role(self):
        return {"viewer": Role.VIEWER, "buyer": Role.BUYER, "administrator": Role.ADMINISTRATOR}.get(self)

    def may(self, need):
        if need == ANYBODY:
            return True
        if need == ONESELF:
            return self.is_signed_in
        if need == LOOK:
            return self.role is not None
        if need == STAFF:
            return self.role == Role.ADMINISTRATOR
        return self.role is not None and need in GRANTS[self.role]


# What each address of our own wants. One that stands in no row fails the walk
NEEDS = {
    ANYBODY: {
        *("legitsms_site.health.healthz", "legitsms_site.health.readyz", "team:first_administrator"),
        "team:join",
        "team.views.sessions.sign_out",  # who gives up half-way through the sign-in comes there too
    },
    ONESELF: {"team:session_end"},
    LOOK: {
        *("orders:board", "orders:banner", "orders:detail", "orders:card", "catalog:status"),
        *("orders:progress", "catalog:search_places", "catalog:search_services"),
        *("orders:history", "orders:history_row", "orders:history_export", "orders:statistics"),
    },
    BUY: {
        *("orders:buy", "orders:offers", "orders:review", "orders:favourite", "orders:switch", "orders:settle"),
        *("orders:cancel", "orders:undo_cancel", "orders:finish", "orders:hide", "orders:note", "orders:reassign"),
        "catalog:refresh",
    },
    SEE_CODES: {"orders:copied", "orders:reveal"},
    ADMINISTER: {"catalog:accept", "catalog:decide", "catalog:reject_match", "diagnostics", "orders:offboard"},
}
OF_ALLAUTH = ("account_", "mfa_", "socialaccount_", "openid_connect", "usersessions", "django.views.generic")


def need_of(route):
    """What `route` wants of a visitor; None where nobody has said it. allauth's pages look after themselves."""
    if route.is_of_admin and route.name not in {"admin:login", "admin:logout"}:
        return STAFF
    if route.is_of_admin or route.name.startswith((*OF_ALLAUTH, "team.single_sign_on")):
        return ANYBODY
    return next((need for need, names in NEEDS.items() if route.name in names), None)
