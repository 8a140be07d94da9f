"""A plain random walk over the machine's own rules.

Hypothesis looks for small examples and prefers what it has seen; chance meets every kind of trouble sooner.
"""

import random

OFTEN = 0.5


def walk(machine, seed, steps, favourite="", likes=()):
    """One example: so many steps, drawn from `seed`; the `favourite` rule, and what it `likes`, half of the time.

    Raises what a rule raises, with the walk's steps as a note.
    """
    random.seed(seed)  # the desk's own jitter
    chance, walker = random.Random(seed), machine()
    try:
        try:
            for rule in machine.setup_state().initializers:
                take(walker, rule, chance)
            for _ in range(steps):
                take(walker, choose(walker, chance, favourite), chance, likes)
        finally:
            walker.teardown()
    except Exception as fault:
        fault.add_note("\n".join([f"The walk of seed {seed}:", *walker.story]))
        raise


def choose(walker, chance, favourite):
    allowed = [rule for rule in walker.rules if all(holds(walker) for holds in rule.preconditions)]
    liked = [rule for rule in allowed if rule.function.__name__ == favourite and chance.random() < OFTEN]
    return chance.choice(liked or allowed)


def take(walker, rule, chance, likes=()):
    given = {name: draw(drawn.elements, chance, likes) for name, drawn in rule.arguments_strategies.items()}
    rule.function(walker, **given)
    walker.all_is_well()


def draw(elements, chance, likes):
    liked = [element for element in elements if element in likes and chance.random() < OFTEN]
    return chance.choice(liked or elements)
