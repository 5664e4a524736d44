"""Ticking regions: what the tree shows is what the engine then does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidan.engine.regions import coverage
from paidan.geo import children
from paidan.network.coverage import Coverage, read_coverage, written

GUANGDONG, GUANGZHOU, TIANHE, SHENZHEN, ZHEJIANG = "440000", "440100", "440106", "440300", "330000"
NOWHERE = Coverage(frozenset())


def covered(chosen, code):
    """What the engine says of a region."""
    covers = None if chosen.covers is None else tuple(chosen.covers)
    return bool(coverage([code], [covers], [tuple(chosen.excludes)])[0, 0])


def test_a_province_is_ticked_with_all_below_it():
    chosen = NOWHERE.toggled(GUANGDONG)
    assert chosen.covers == {GUANGDONG}
    assert [chosen.tick(code) for code in (GUANGDONG, GUANGZHOU, TIANHE, ZHEJIANG)] == ["true"] * 3 + ["false"]


def test_a_city_unticked_leaves_its_province_in_part():
    chosen = NOWHERE.toggled(GUANGDONG).toggled(GUANGZHOU)
    assert (chosen.tick(GUANGDONG), chosen.tick(GUANGZHOU), chosen.tick(TIANHE)) == ("mixed", "false", "false")
    assert not covered(chosen, TIANHE)
    assert covered(chosen, SHENZHEN)


def test_a_district_ticked_in_an_excluded_province_brings_only_itself_back():
    chosen = Coverage(None, frozenset({GUANGDONG})).toggled(TIANHE)
    assert covered(chosen, TIANHE)
    assert not any(covered(chosen, code) for code in (SHENZHEN, "440103"))
    assert covered(chosen, ZHEJIANG)


def test_a_box_ticked_in_part_becomes_ticked():
    chosen = NOWHERE.toggled(TIANHE)
    assert chosen.tick(GUANGDONG) == "mixed"
    assert chosen.toggled(GUANGDONG) == Coverage(frozenset({GUANGDONG}))


def test_the_fields_of_the_form_say_the_same_again():
    chosen = Coverage(None, frozenset({TIANHE, "US"}))
    assert read_coverage(written(chosen.covers), written(chosen.excludes)) == chosen
    with pytest.raises(LookupError):
        read_coverage("999999", "")


TREE = [*[one.code for one in children(GUANGDONG)], *[one.code for one in children(GUANGZHOU)], GUANGDONG, ZHEJIANG]


@given(st.booleans(), st.lists(st.sampled_from(TREE), max_size=12))
def test_after_any_ticks_the_box_shown_and_the_engine_agree(everywhere, ticks):
    chosen = Coverage(None) if everywhere else NOWHERE
    for code in ticks:
        before = chosen.tick(code)
        chosen = chosen.toggled(code)
        assert chosen.tick(code) == ("false" if before == "true" else "true")
    codes = np.array([covered(chosen, one.code) for one in children(GUANGZHOU)])
    shown = chosen.tick(GUANGZHOU)
    assert shown != "true" or codes.all()
    assert shown != "false" or not codes.any()
