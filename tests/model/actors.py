"""What must be true of whoever did something, and of whomever something is bought for."""

from tests.model import watcher


def check(watch, before, row, news):
    """`owners` is whose the order is, and whose it was at the last look."""
    owners = {watch.world.team.names[each.owner_id] for each in (before or row, row)}
    for event in news:
        at = watcher.moment(event.at)
        if (event.source, event.target) == ("requested", "buying") and event.detail != "journal":
            check_lease(watch.world.team, at, owners)
        if event.actor_id is not None:
            check_actor(watch, event, at, owners)


def check_lease(team, at, owners):
    """F08: whoever the order belonged to might buy at this very moment, whenever its worker had looked."""
    may = [rights.may_buy(owner) for rights in team.between(at, at) for owner in owners]
    assert any(may), f"F08: bought for {owners}, who may not buy"


def check_actor(watch, event, at, owners):
    """I14, F58: nobody did what they might not do, as far as their request could know."""
    name = watch.world.team.names[event.actor_id]
    is_settling = event.what == "reported bought" or (event.what, event.source) == ("moved", "unclear")
    lately = watch.world.team.between(began(watch, event, name, at), at)
    allowed = [rights.may_settle if is_settling else rights.may_act for rights in lately]
    assert any(may(name, owner) for may in allowed for owner in owners), f"I14: {name} did what they may not: {event}"


def began(watch, event, name, at):
    """When the earliest request began by which `name` may have done something with this order `at` that moment."""
    theirs = [each for each in watch.world.workers if (each.who, each.intent) == (name, event.order_id)]
    return min([at, *[each.born_at for each in theirs if each.gone_at is None or each.gone_at >= at]])
