"""The pages and fragments of the desk. A view looks up, does one thing, and renders; none of them calls upstream.

Who lacks a right altogether is answered 403, whatever order they name: the answer tells about them and nothing about an
order. An order that is not theirs to act on is answered 404, like one that does not exist.
"""
