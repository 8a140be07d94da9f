"""Learning a limit, with made-up times: one step is a second of demand that no rate can satisfy."""

from datetime import UTC, datetime, timedelta

import pytest

from provider.learning import Rate, after_demand, after_refusal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPARE = 1.05


def second(count):
    return NOW + timedelta(seconds=count)


def simulate(limits, hours, rate=None):
    """Full demand against `limits`, from which second on each is the limit. Returns the rates, and the refusals."""
    rate, rates, refusals = rate or Rate(), [], []
    for now in range(int(hours * 3600)):
        limit = next(limit for since, limit in reversed(limits) if since <= now)
        if rate.per_minute / SPARE > limit:
            refusals.append(now)
            rate = after_refusal(rate, second(now))
        else:
            rate = after_demand(rate, second(now))
        rates.append(rate.per_minute)
    return rates, refusals


def test_it_starts_at_30_a_minute():
    assert Rate().per_minute == 30


def test_a_rate_is_doubled_after_a_minute_of_demand_without_a_refusal():
    rates, _ = simulate([(0, 1000)], 0.04)
    assert (rates[59], rates[61], rates[125]) == (30, 60, 120)


def test_without_demand_it_stays():
    assert after_demand(Rate(), second(500)).per_minute == 30


def test_a_refused_try_returns_to_the_rate_that_held():
    tried = Rate(per_minute=60)
    refused = after_refusal(tried, NOW)
    assert (refused.per_minute, refused.known_good, refused.known_bad) == (30, 30, 60)


def test_the_next_try_is_half_way_and_ten_minutes_later():
    refused = after_refusal(Rate(per_minute=60), NOW)
    waiting = after_demand(refused, second(1))
    assert after_demand(waiting, second(599)).per_minute == 30
    assert after_demand(waiting, second(600)).per_minute == pytest.approx(42.4, abs=0.1)


def test_at_30_a_minute_the_first_hour_costs_no_more_than_six_refusals():
    rates, refusals = simulate([(0, 30)], 1)
    assert len(refusals) <= 6
    assert rates[-1] / SPARE >= 0.95 * 30


def test_a_found_limit_is_doubted_again_after_a_day_only():
    _, refusals = simulate([(0, 30)], 26)
    early = [at for at in refusals if at < 2 * 3600]
    assert [at for at in refusals if 2 * 3600 <= at < 24 * 3600] == []
    assert len(refusals) > len(early)


@pytest.mark.parametrize("limit", [20, 30, 45, 100, 600, 3000])
def test_most_of_any_limit_is_used_within_two_hours(limit):
    rates, _ = simulate([(0, limit)], 2)
    assert 0.85 * limit <= rates[-1] / SPARE <= limit


def test_a_limit_that_halves_for_a_minute_is_used_again_within_ten():
    found = Rate(per_minute=60, known_good=60, known_bad=65, refused_at=second(-3600))
    rates, _ = simulate([(0, 60), (100, 30), (160, 60)], 0.25, found)
    assert rates[150] <= 30 * SPARE
    assert rates[160 + 600] == 60


def test_a_limit_that_falls_from_600_to_30_costs_no_more_than_six_refusals():
    found = Rate(per_minute=600, known_good=600)
    rates, refusals = simulate([(0, 600), (100, 30)], 0.5, found)
    assert len(refusals) <= 6
    assert rates[110] <= 30 * SPARE


def test_a_rate_is_never_zero_nor_endless():
    rate = Rate()
    for count in range(50):
        rate = after_refusal(rate, second(count))
    assert rate.per_minute >= 1
    rates, _ = simulate([(0, 10**9)], 2)
    assert rates[-1] == 6000
