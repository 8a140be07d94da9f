"""The catalogue's pages and fragments. None of them calls upstream."""
