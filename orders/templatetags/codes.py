"""`{{ code|seen_with:sight }}` and `{% if code|hidden_from:sight %}`: templates ask the one rule of `orders.sight`."""

from django import template

from orders.models import Code
from orders.sight import Sight

register = template.Library()


@register.filter
def seen_with(code: Code, sight: Sight) -> str:
    return sight.text(code)


@register.filter
def hidden_from(code: Code, sight: Sight) -> bool:
    return sight.hides(code)
