"""Coordinates and distances of many regions at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidan.geo import coordinates, current_number, distance_m, distances_m, region
from paidan.geo.table import region_table

DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_every_region_of_china_has_coordinates_in_or_around_china() -> None:
    numbers = np.array(sorted(region_table().names), dtype=np.int32)
    lats, lngs = coordinates(numbers)
    assert lats.min() > 3
    assert lats.max() < 54
    assert lngs.min() > 73
    assert lngs.max() < 136


def test_arrays_say_what_single_regions_say() -> None:
    codes = ["330106", "500157", "710101", "429004", "310000"]
    lats, lngs = coordinates([current_number(code) for code in codes])
    for code, lat, lng in zip(codes, lats.tolist(), lngs.tolist(), strict=True):
        assert (region(code).lat, region(code).lng) == (lat, lng)


def test_a_region_without_coordinates_stands_at_its_parent() -> None:
    table = region_table()
    without = [number for number in table.names if number not in table.points]
    assert len(without) > 300
    assert all(table.point(number) == table.point(table.parents[number]) for number in without if number != 133100)


def test_xiongan_stands_between_its_counties_not_at_the_capital_of_hebei() -> None:
    area = region("133100")
    assert area.lat == pytest.approx(38.99, abs=0.1)
    assert area.lng == pytest.approx(115.97, abs=0.1)


def test_what_has_no_place_is_nan() -> None:
    lats, lngs = coordinates(np.array([[0, current_number("US")], [current_number("CN"), 123456]], dtype=np.int32))
    assert lats.shape == (2, 2)
    assert np.isnan(lats).all()
    assert np.isnan(lngs).all()


def test_retired_numbers_have_their_successors_place() -> None:
    lats, _ = coordinates([110103, 110101, 310100, 310000])
    assert lats[0] == lats[1]
    assert lats[2] == lats[3]


def test_shanghai_is_nearer_to_beijing_than_to_guangzhou() -> None:
    lats, lngs = coordinates([310000, 110000, 440100])
    assert distance_m(lats[0], lngs[0], lats[1], lngs[1]) == pytest.approx(1_067_000, abs=10_000)
    assert distance_m(lats[0], lngs[0], lats[2], lngs[2]) == pytest.approx(1_212_000, abs=10_000)


def test_a_degree_of_the_equator_is_a_360th_of_it() -> None:
    assert distance_m(0, 0, 0, 1) == round(2 * np.pi * 6_371_000 / 360)
    assert distance_m(90, 0, -90, 0) == round(np.pi * 6_371_000)


@given(DEGREES, DEGREES)
def test_distance_is_symmetric_and_at_most_half_the_globe(a: tuple[float, float], b: tuple[float, float]) -> None:
    there, back = distance_m(*a, *b), distance_m(*b, *a)
    assert there == back
    assert 0 <= there <= round(np.pi * 6_371_000)


def test_distances_broadcast_and_keep_nan() -> None:
    matrix = distances_m(np.array([[30.0], [np.nan]]), np.array([[120.0], [120.0]]), np.array([30.0, 31.0]), 120.0)
    assert matrix.shape == (2, 2)
    assert matrix[0, 0] == 0
    assert np.isnan(matrix[1]).all()
