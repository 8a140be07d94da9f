"""What was bought: the order's life, polling, the board and its live stream."""
