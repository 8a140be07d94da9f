"""Desks that forget to ask who may do what."""

from contextlib import contextmanager
from unittest.mock import patch

from django.db.models import Q

from orders.lifecycle import buying, settling, transitions
from orders.models import Order
from orders.models.querysets import OrderQuerySet
from orders.worker import purchasing
from team.roles import BUY
from tests.model.broken.breaking import VARIANTS, Variant, instead_of, moving

FORGETS_AT_LEASE = moving(buying, "start_buying", fields={"only_if": Q()})
VARIANTS["role_not_asked_again_at_lease"] = Variant(FORGETS_AT_LEASE, "F08", "buy_demoted")


@contextmanager
def buys_for_the_dismissed():
    """Neither the look before the lease nor the lease asks."""
    looks = purchasing.refusal_reason
    blind = patch.object(purchasing, "refusal_reason", lambda *given: looks(*given).replace("permission", ""))
    with blind, FORGETS_AT_LEASE():
        yield


VARIANTS["buys_for_the_dismissed"] = Variant(buys_for_the_dismissed, "F08", "buy_demoted", (None, False))


@instead_of(OrderQuerySet, "actionable_by", "I14", "act_as", ("vera",))
def everybody_acts(_real, rows, _member):
    return rows


@instead_of(OrderQuerySet, "actionable_by", "I14", "act_as", ("bo", "own"))
def buyers_act_on_all(_real, rows, member):
    return rows if member.has_perm(BUY) else rows.none()


@instead_of(OrderQuerySet, "settleable_by", "I14", "act_as", ("bo", "settle"))
def who_acts_also_settles(_real, rows, member):
    return rows.actionable_by(member)


@instead_of(settling, "settle_bought", "I14", "claim_demoted")
def settled_by_the_demoted(_real, row, actor, number):
    bought = buying.bought_fields(row, number, row.buying_at)
    transitions.move(row, [Order.Status.UNCLEAR], Order.Status.WAITING, actor, **bought)
