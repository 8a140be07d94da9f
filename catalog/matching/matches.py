"""Assigns places and brands to the servers' entries, by the facts that ship and by administrators' decisions."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models, transaction
from django.utils import timezone
from django_countries import countries

from catalog.matching import rules
from catalog.matching.rules import BrandKey, facts
from catalog.models import Brand, Country, Decision, Place, Service, Suggestion

MAX_SUGGESTIONS = 500


def assign_places(rows: "models.QuerySet[Country]") -> None:
    """Assign a place to each of `rows`. A country without a match gets a place of its own, so it can be bought."""
    for country in rows:
        known = facts().place(
            country.name, country.iso, prefix=country.prefix, server=country.server, code=country.code
        )
        if known:
            country.place = get_place(known.iso.lower(), countries.name(known.iso) or country.name, known.iso)
            country.variant = known.variant
        else:
            country.place = get_place(f"name:{rules.normalize(country.name)}", country.name)
        country.save(update_fields=["place", "variant"])


def get_place(key: str, name: str, iso: str = "") -> Place:
    place: Place = Place.objects.get_or_create(key=key, defaults={"name": name, "iso": iso})[0]
    return place


@transaction.atomic
def assign_brands(services: "models.QuerySet[Service]") -> None:
    """Assign to each of `services` the brands that its name and the decisions about it mean."""
    changed = list(services)
    keys = {service: brand_keys(service, decisions) for service, decisions in with_decisions(changed)}
    brands = get_or_create_brands({key for found in keys.values() for key in found})
    links = Service.brands.through
    links.objects.filter(service__in=changed).delete()
    links.objects.bulk_create(
        [links(service=service, brand=brands[each.key]) for service, found in keys.items() for each in found],
        ignore_conflicts=True,
    )


def with_decisions(services: list[Service]) -> Iterable[tuple[Service, list[Decision]]]:
    decisions: dict[tuple[int, str], list[Decision]] = defaultdict(list)
    for decision in Decision.objects.all():
        decisions[decision.server, decision.code].append(decision)
    return ((service, decisions[service.server, service.code]) for service in services)


def brand_keys(service: Service, decisions: list[Decision]) -> list[BrandKey]:
    """Return the brands of `service`. Decisions override the facts, so a match that was rejected stays rejected."""
    verdicts = {decision.brand_key: decision.verdict for decision in decisions}
    same = [BrandKey(key, key) for key, verdict in verdicts.items() if verdict == Decision.Verdict.SAME]
    own = BrandKey(f"own:{service.server}:{service.code}", service.name)
    if same or Decision.Verdict.NEW in verdicts.values():
        return same or [own]
    by_facts = [key for key in facts().brands(service.name, service.server) if key.key not in verdicts]
    return by_facts or [own]


def get_or_create_brands(keys: set[BrandKey]) -> dict[str, Brand]:
    new = [Brand(key=each.key, name=each.name[:120]) for each in {each.key: each for each in keys}.values()]
    Brand.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return {brand.key: brand for brand in Brand.objects.filter(key__in=[each.key for each in keys])}


def decide(service: Service, brand: Brand, verdict: str, by: object) -> None:
    """Store a decision about one entry, delete the suggestions that it settles, and match the entry again."""
    decision = {"verdict": verdict, "decided_by": by, "decided_at": timezone.now()}
    Decision.objects.update_or_create(server=service.server, code=service.code, brand_key=brand.key, defaults=decision)
    settled = (
        service.suggestions.all() if verdict != Decision.Verdict.DIFFERENT else service.suggestions.filter(brand=brand)
    )
    settled.delete()
    rematch(service.server, service.code)


def undo(decision: Decision) -> None:
    """Delete a decision, and match its entry again."""
    decision.delete()
    rematch(decision.server, decision.code)


def rematch_all() -> None:
    """Match every entry again, for example after an upgrade with other facts."""
    assign_places(Country.objects.all())
    assign_brands(Service.objects.all())


def rematch(server: int, code: str) -> None:
    assign_brands(Service.objects.filter(server=server, code=code))


def suggest(upstream: str) -> None:
    """Replace the suggestions: similar names of brands that only one server has. Matches nothing by itself."""
    listed = Service.objects.filter(upstream=upstream, retired_at=None)
    server_count = models.Count("services__server", distinct=True)
    listed_brands = Brand.objects.filter(services__in=listed).annotate(server_count=server_count)
    on_one_server = listed.filter(brands__in=listed_brands.filter(server_count=1)).prefetch_related("brands")
    unmatched = {str(service.pk): service for service in on_one_server}
    servers = defaultdict(set)
    for key, server in listed_brands.values_list("key", "services__server"):
        servers[key].add(server)
    decided = set(Decision.objects.values_list("server", "code", "brand_key"))
    found = rules.suggestions(
        [(pk, service.name) for pk, service in unmatched.items()], list(listed_brands.values_list("key", "name"))
    )
    brands = {brand.key: brand for brand in listed_brands}
    new = [
        Suggestion(service=unmatched[each.entry], brand=brands[each.brand], score=round(each.score))
        for each in found
        if unmatched[each.entry].server not in servers[each.brand]
        and (unmatched[each.entry].server, unmatched[each.entry].code, each.brand) not in decided
    ]
    replace_suggestions(upstream, without_mirrored(new)[:MAX_SUGGESTIONS])


def without_mirrored(found: list[Suggestion]) -> list[Suggestion]:
    """Sort by descending score. Of "A may be B" and "B may be A" only the one of the higher server stays."""
    first: dict[frozenset[str], Suggestion] = {}
    for each in sorted(found, key=lambda each: (-each.score, -each.service.server)):
        names = {each.brand.key, *(brand.key for brand in each.service.brands.all())}
        first.setdefault(frozenset(names), each)
    return list(first.values())


@transaction.atomic
def replace_suggestions(upstream: str, found: list[Suggestion]) -> None:
    """Store `found` and delete all others. Existing rows keep their pk, since an open page may refer to them."""
    pairs = {(each.service_id, each.brand_id) for each in found}
    stored = Suggestion.objects.filter(service__upstream=upstream).values_list("pk", "service", "brand")
    gone = [pk for pk, *pair in stored if tuple(pair) not in pairs]
    Suggestion.objects.filter(pk__in=gone).delete()
    Suggestion.objects.bulk_create(found, ignore_conflicts=True)
