"""Joining the servers' rows into places and brands: by the facts that ship, and by what people decided."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models, transaction
from django.utils import timezone
from django_countries import countries

from catalog import joining
from catalog.joining import BrandKey, facts
from catalog.models import Brand, Country, Decision, Place, Service, Suggestion

SUGGESTIONS_KEPT = 500


def place_countries(rows: "models.QuerySet[Country]") -> None:
    """Give each of `rows` its place. A country that nobody can join is a place by its own name, and can be bought."""
    for country in rows:
        known = facts().place(
            country.name, country.iso, prefix=country.prefix, server=country.server, code=country.code
        )
        if known:
            country.place = place(known.iso.lower(), countries.name(known.iso) or country.name, known.iso)
            country.variant = known.variant
        else:
            country.place = place(f"name:{joining.normal(country.name)}", country.name)
        country.save(update_fields=["place", "variant"])


def place(key: str, name: str, iso: str = "") -> Place:
    made: Place = Place.objects.get_or_create(key=key, defaults={"name": name, "iso": iso})[0]
    return made


@transaction.atomic
def brand_services(services: "models.QuerySet[Service]") -> None:
    """Give each of `services` the brands that its name stands for and people decided."""
    touched = list(services)
    keys = {service: brand_keys(service, decided) for service, decided in with_decisions(touched)}
    brands = known_brands({brand for found in keys.values() for brand in found})
    links = Service.brands.through
    links.objects.filter(service__in=touched).delete()
    links.objects.bulk_create(
        [links(service=service, brand=brands[each.key]) for service, found in keys.items() for each in found],
        ignore_conflicts=True,
    )


def with_decisions(services: list[Service]) -> Iterable[tuple[Service, list[Decision]]]:
    decided: dict[tuple[int, str], list[Decision]] = defaultdict(list)
    for decision in Decision.objects.all():
        decided[decision.server, decision.code].append(decision)
    return ((service, decided[service.server, service.code]) for service in services)


def brand_keys(service: Service, decided: list[Decision]) -> list[BrandKey]:
    """What `service` stands for. A person's word wins over the facts, and a join that was undone stays undone."""
    verdicts = {decision.brand_key: decision.verdict for decision in decided}
    same = [BrandKey(key, key) for key, verdict in verdicts.items() if verdict == Decision.Verdict.SAME]
    own = BrandKey(f"own:{service.server}:{service.code}", service.name)
    if same or Decision.Verdict.NEW in verdicts.values():
        return same or [own]
    kept = [key for key in facts().brands(service.name, service.server) if key.key not in verdicts]
    return kept or [own]


def known_brands(keys: set[BrandKey]) -> dict[str, Brand]:
    new = [Brand(key=each.key, name=each.name[:120]) for each in {each.key: each for each in keys}.values()]
    Brand.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return {brand.key: brand for brand in Brand.objects.filter(key__in=[each.key for each in keys])}


def decide(service: Service, brand: Brand, verdict: str, by: object) -> None:
    """Keep a person's word about one entry, and join anew by it."""
    word = {"verdict": verdict, "decided_by": by, "decided_at": timezone.now()}
    Decision.objects.update_or_create(server=service.server, code=service.code, brand_key=brand.key, defaults=word)
    settled = (
        service.suggestions.all() if verdict != Decision.Verdict.DIFFERENT else service.suggestions.filter(brand=brand)
    )
    settled.delete()
    rejoin(service.server, service.code)


def undo(decision: Decision) -> None:
    """Take a person's word back."""
    decision.delete()
    rejoin(decision.server, decision.code)


def rejoin_all() -> None:
    """Join every row anew, as after an upgrade that brought other facts."""
    place_countries(Country.objects.all())
    brand_services(Service.objects.all())


def rejoin(server: int, code: str) -> None:
    brand_services(Service.objects.filter(server=server, code=code))


def suggest(upstream: str) -> None:
    """Look for names that may mean the same, among the services that only one server has. Joins nothing."""
    listed = Service.objects.filter(upstream=upstream, retired_at=None)
    servers = models.Count("services__server", distinct=True)
    joined = Brand.objects.filter(services__in=listed).annotate(servers=servers)
    on_one = listed.filter(brands__in=joined.filter(servers=1)).prefetch_related("brands")
    alone = {str(service.pk): service for service in on_one}
    homes = defaultdict(set)
    for key, server in joined.values_list("key", "services__server"):
        homes[key].add(server)
    refused = set(Decision.objects.values_list("server", "code", "brand_key"))
    found = joining.suggestions(
        [(pk, service.name) for pk, service in alone.items()], list(joined.values_list("key", "name"))
    )
    brands = {brand.key: brand for brand in joined}
    new = [
        Suggestion(service=alone[each.entry], brand=brands[each.brand], score=round(each.score))
        for each in found
        if alone[each.entry].server not in homes[each.brand]
        and (alone[each.entry].server, alone[each.entry].code, each.brand) not in refused
    ]
    keep_suggestions(upstream, one_way(new)[:SUGGESTIONS_KEPT])


def one_way(found: list[Suggestion]) -> list[Suggestion]:
    """The likeliest first, and of two that say the same in both directions the one of the later server."""
    first: dict[frozenset[str], Suggestion] = {}
    for each in sorted(found, key=lambda each: (-each.score, -each.service.server)):
        names = {each.brand.key, *(brand.key for brand in each.service.brands.all())}
        first.setdefault(frozenset(names), each)
    return list(first.values())


@transaction.atomic
def keep_suggestions(upstream: str, found: list[Suggestion]) -> None:
    """Make `found` the only ones. Those that were there stay the same rows: someone may be about to decide on one."""
    still = {(each.service_id, each.brand_id) for each in found}
    known = Suggestion.objects.filter(service__upstream=upstream).values_list("pk", "service", "brand")
    gone = [pk for pk, *pair in known if tuple(pair) not in still]
    Suggestion.objects.filter(pk__in=gone).delete()
    Suggestion.objects.bulk_create(found, ignore_conflicts=True)
