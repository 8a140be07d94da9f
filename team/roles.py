"""Who may do what: three roles, kept as Django's groups, so that an administrator can see and change what each grants.

Ask for a right, `user.has_perm(BUY)`, never for a role: a superuser has every right.
"""

from django.db import models


class Role(models.TextChoices):
    """The names of the three groups that a migration makes."""

    ADMINISTRATOR = "Administrator"
    BUYER = "Buyer"
    VIEWER = "Viewer"


BUY = "team.buy"  # buy numbers, and act on orders as the team's policy says
SEE_CODES = "team.see_codes"  # see codes, and not only that there is one
ADMINISTER = "team.administer"  # the API key, limits, settings, members; act on any order

GRANTS = {
    Role.ADMINISTRATOR: (BUY, SEE_CODES, ADMINISTER),
    Role.BUYER: (BUY, SEE_CODES),
    Role.VIEWER: (),
}
