"""What can be bought, as the three servers list it."""
