"""The team's own pages."""
