"""Three roles, stored as Django groups, so that administrators can see and change the permissions of each.

Check a permission, `user.has_perm(BUY)`, never a role: a superuser has every permission.
"""

from django.db import models


class Role(models.TextChoices):
    """The names of the three groups, which a migration creates."""

    ADMINISTRATOR = "Administrator"
    BUYER = "Buyer"
    VIEWER = "Viewer"


BUY = "team.buy"  # buy numbers, and act on orders as the policy allows
SEE_CODES = "team.see_codes"  # see the text of codes, not only that a code arrived
ADMINISTER = "team.administer"  # the API key, limits, settings, members; act on any order

GRANTS = {
    Role.ADMINISTRATOR: (BUY, SEE_CODES, ADMINISTER),
    Role.BUYER: (BUY, SEE_CODES),
    Role.VIEWER: (),
}
