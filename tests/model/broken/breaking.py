"""How a guard is taken out."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from orders.lifecycle import transitions

VARIANTS = {}


@dataclass(frozen=True)
class Variant:
    """`breaking` takes the guard out, and `meant` begins what the machine must say then.

    `story` is the rule that a walk takes most often, and `likes` what it draws often, to meet the trouble soon.
    """

    breaking: Callable
    meant: str
    story: str
    likes: tuple = ()
    steps: int = 40


def instead_of(home, name, *told):
    """Register the variant in which `home`.`name` is the decorated function, which gets the real one first."""

    def register(broken):
        real = getattr(home, name)
        stand_in = lambda *given, **named: broken(real, *given, **named)  # noqa: E731
        VARIANTS[broken.__name__] = Variant(lambda: patch.object(home, name, stand_in), *told)
        return broken

    return register


def moving(home, name, **changed):
    """A real step that asks `transitions.move` for other things than it asks for itself."""

    @contextmanager
    def variant():
        real_step, real_move = getattr(home, name), transitions.move

        def step(*given, **named):
            def move(order, sources, target, actor=None, **fields):
                real_move(order, changed.get("sources", sources), target, actor, **fields | changed.get("fields", {}))

            with patch.object(transitions, "move", move):
                real_step(*given, **named)

        with patch.object(home, name, step):
            yield

    return variant
