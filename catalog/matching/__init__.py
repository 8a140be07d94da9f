"""Matching the three servers' lists: which entries mean the same country, and which the same brand.

rules     pure functions over names, with the facts that ship in `facts/`
matches   applies the rules and the administrators' decisions to the database
report    a command that prints how well given lists match
"""
