"""The pages and fragments of the desk. A view looks up, does one thing, and renders; none of them calls upstream."""
