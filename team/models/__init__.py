"""The members of the one team of an installation, their invitations and limits, and the policy."""

from team.models.invitation import AlreadyUsed as AlreadyUsed
from team.models.invitation import Invitation as Invitation
from team.models.limit import Limit as Limit
from team.models.policy import Policy as Policy
from team.models.user import LastAdministrator as LastAdministrator
from team.models.user import User as User
