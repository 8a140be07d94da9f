"""Who may buy, and how much."""
