"""What past orders say: history and export, statistics, and the comparison of offers by the team's own experience."""
