"""Simulated teams with known rates: the estimate finds them within the uncertainty it states, idle or not."""

import numpy as np
import pytest

from paidan.reports.rates import NOTHING, gamma_quantile, inner_hours, posterior, rate_of


def simulated(rng, rate, arrivals, days=14, begin=8, end=20, batch=1):
    """Hours of a team with a queue: what came in, what waited at the beginning of each hour, what left."""
    backlog, waiting, shipped, active = 0, [], [], []
    for hour in range(days * 24):
        at = hour % 24
        waiting.append(backlog)
        backlog += rng.poisson(arrivals[at])
        done = 0
        if begin <= at < end:
            share = 0.5 if at in (begin, end - 1) else 1.0  # it begins and ends at half past
            done = min(backlog, batch * int(rng.poisson(rate * share / batch)))
        backlog -= done
        shipped.append(done)
        active.append(begin <= at < end and done > 0)
    return np.array(waiting), np.array(shipped), np.array(active)


def evening_peak(per_day):
    """Most orders come between 20:00 and 22:00, so mornings begin with a queue and afternoons may run dry."""
    shape = np.array([2, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6, 14, 14, 9, 3], float)
    return per_day * shape / shape.sum()


@pytest.mark.parametrize(("rate", "batch"), [(40, 1), (250, 1), (120, 12)])
def test_the_stated_interval_holds_the_true_rate_as_often_as_it_says(rate, batch):
    held = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        found = rate_of(*simulated(rng, rate, evening_peak(rate * 10.4), batch=batch))
        assert not found.is_thin
        held += found.low <= rate <= found.high
    assert held >= 108  # 95 % of 120 are 114; binomial, three sigmas below


def test_a_team_that_mostly_waits_for_work_is_not_taken_for_a_slow_one():
    held = 0
    for seed in range(60):
        hours = simulated(np.random.default_rng(seed), 60, evening_peak(300), days=28)
        assert hours[1][hours[2]].mean() < 40
        found = rate_of(*hours)
        held += found.low <= 60 <= found.high
    assert held >= 52


def test_too_few_busy_hours_are_said_to_be_too_few():
    rng = np.random.default_rng(2)
    assert rate_of(*simulated(rng, 60, evening_peak(30), days=3)).is_thin
    nothing = np.zeros(48, np.int64)
    assert rate_of(nothing, nothing, nothing > 0) == NOTHING


def test_the_first_and_the_last_hour_of_a_stretch_are_left_out_and_midnight_ends_none():
    active = np.zeros(72, bool)
    active[[8, 9, 10, 13, 14, 46, 47, 48, 49, 50, 51]] = True
    inner, length = inner_hours(active)
    assert np.flatnonzero(inner).tolist() == [9, 10, 11, 12, 13, 47, 48, 49, 50]
    assert length == 5.5


def test_batches_widen_the_interval():
    smooth, rough = np.array([100, 101, 99, 100] * 5), np.array([0, 200, 0, 200] * 5)
    assert posterior(smooth, 8).mean == pytest.approx(posterior(rough, 8).mean, rel=0.01)
    assert posterior(rough, 8).margin > 3 * posterior(smooth, 8).margin


@pytest.mark.parametrize(
    ("shape", "z", "true"), [(10.5, 1.959964, 17.739), (10.5, -1.959964, 5.142), (100.5, 1.959964, 121.08)]
)
def test_quantiles_of_the_gamma_are_those_of_the_tables(shape, z, true):
    """χ² tables: 2·Gamma(10.5) is χ² with 21 degrees of freedom, whose 2.5 and 97.5 % points are 10.283 and 35.479."""
    assert gamma_quantile(shape, z) == pytest.approx(true, rel=0.002)
