"""The desk with one guard taken out, more than forty times: the machine must notice every one of them."""

from tests.model.broken import asking, buying, permitting
from tests.model.broken.breaking import VARIANTS

__all__ = ["VARIANTS", "asking", "buying", "permitting"]
