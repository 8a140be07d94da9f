"""A member's favourite pairs of brand and place, and those they bought last."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.models import Brand, Favourite, Place
from orders.models import Order
from team.roles import BUY

RECENT = 6
RECENT_ORDERS = 60  # of which the recent pairs are taken


@dataclass(frozen=True, slots=True)
class Pair:
    """A brand in a place."""

    brand: Brand
    place: Place

    @property
    def url(self) -> str:
        return f"{reverse('orders:buy')}?{urlencode({'service': self.brand.key, 'country': self.place.key})}"


def favourites_of(request: HttpRequest) -> QuerySet[Favourite]:
    return Favourite.objects.filter(member=request.user.pk).select_related("brand", "place")


def recents_of(request: HttpRequest) -> list[Pair]:
    """The member's last distinct pairs, the newest first."""
    mine = (
        Order.objects.for_user(request.user).filter(owner=request.user.pk).exclude(brand_key="").exclude(place_key="")
    )
    keys = list(dict.fromkeys(mine.values_list("brand_key", "place_key")[:RECENT_ORDERS]))[:RECENT]
    brands = {brand.key: brand for brand in Brand.objects.filter(key__in=[brand for brand, _ in keys])}
    places = {place.key: place for place in Place.objects.filter(key__in=[place for _, place in keys])}
    return [Pair(brands[brand], places[place]) for brand, place in keys if brand in brands and place in places]


def posted_key(request: HttpRequest, field: str) -> str:
    """The posted key without NUL characters, which PostgreSQL refuses."""
    return request.POST.get(field, "").replace("\0", "")


@require_POST
@permission_required(BUY, raise_exception=True)
def favourite(request: HttpRequest) -> HttpResponse:
    """Add a pair to the favourites, or remove it."""
    brand = get_object_or_404(Brand, key=posted_key(request, "service"))
    place = get_object_or_404(Place, key=posted_key(request, "country"))
    marked = favourites_of(request).filter(brand=brand, place=place)
    is_favourite = not marked.exists()
    if is_favourite:
        Favourite.objects.get_or_create(member_id=request.user.pk, brand=brand, place=place)
    else:
        marked.delete()
    context = {"brand": brand, "place": place, "is_favourite": is_favourite}
    return render(request, "orders/_favourite.html", context)
