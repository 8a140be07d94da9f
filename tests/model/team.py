"""Who is who, the book of what each might do when, and what must be true of whoever did something (I14, F08, F58).

The book knows nothing of the desk's own rules: these are the same rules, told a second time.
"""

from dataclasses import dataclass, field, replace

from django.utils import timezone

from team.models import Policy, User
from team.roles import Role

BUYERS = {Role.BUYER, Role.ADMINISTRATOR}
USUAL = {"ana": Role.BUYER, "bo": Role.BUYER, "vera": Role.VIEWER, "ada": Role.ADMINISTRATOR}


@dataclass(frozen=True)
class Rights:
    """What holds for a while. A role of None is that of a member who was dismissed."""

    roles: dict = field(default_factory=lambda: USUAL)
    reach: str = "team"
    buyers_settle: bool = True

    def may_buy(self, name):
        return self.roles[name] in BUYERS

    def may_act(self, name, owner):
        is_theirs = name == owner or self.reach == "team" or self.roles[name] == Role.ADMINISTRATOR
        return self.may_buy(name) and is_theirs

    def may_settle(self, name, owner):
        is_theirs = name == owner and self.buyers_settle
        return self.may_act(name, owner) and (is_theirs or self.roles[name] == Role.ADMINISTRATOR)


class Team:
    """The members in the database, and the book beside it."""

    def __init__(self, members, pass_time):
        self.members, self.pass_time = members, pass_time
        self.names = {member.pk: name for name, member in members.items()}
        self.book = [(timezone.now(), Rights())]

    @property
    def rights(self):
        return self.book[-1][1]

    def between(self, begun, until):
        """All that held at some moment of this time."""
        ends = [at for at, _ in self.book[1:]] + [None]
        held = zip(self.book, ends, strict=True)
        return [rights for (at, rights), end in held if at <= until and (end is None or end > begun)]

    def present(self, name):
        """The member as a request meets them: read anew."""
        return User.objects.get(pk=self.members[name].pk)

    def write(self, **changed):
        self.pass_time(0.001)  # who has looked before, looked earlier
        self.book.append((timezone.now(), replace(self.rights, **changed)))

    def change_role(self, name, role):
        """An administrator gives another role, lets a member in again, or no longer."""
        before, member = self.rights.roles[name], self.present(name)
        if role == before:
            return
        self.write(roles=self.rights.roles | {name: role})
        if role is None:
            member.deactivate()
            return
        if before is None:
            member.activate()
        member.change_role(role)

    def change_policy(self, reach, buyers_settle):
        if (reach, buyers_settle) != (self.rights.reach, self.rights.buyers_settle):
            self.write(reach=reach, buyers_settle=buyers_settle)
            Policy.objects.update(buyers_act_on=reach, buyers_settle=buyers_settle)

    def restore(self):
        """As every example finds it."""
        for name, role in USUAL.items():
            self.change_role(name, role)
        self.change_policy("team", buyers_settle=True)
