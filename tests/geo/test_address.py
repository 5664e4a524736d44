"""Addresses as buyers write them come out right, or say why not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.geo.cases import cases

from paidan.geo import resolve, resolve_many
from paidan.geo.address import AMBIGUOUS, RESOLVED, UNRESOLVED


def answer(address: str) -> str:
    resolution = resolve(address)
    return resolution.code or resolution.reason or ""


@pytest.mark.parametrize(("address", "accepted"), cases("addresses.csv"))
def test_the_given_addresses_come_out_right(address: str, accepted: frozenset[str]) -> None:
    assert answer(address) in accepted


@pytest.mark.parametrize(("address", "accepted"), cases("addresses_more.csv"))
def test_our_own_addresses_come_out_right(address: str, accepted: frozenset[str]) -> None:
    assert answer(address) in accepted


def test_an_ambiguous_address_names_what_it_may_have_meant() -> None:
    resolution = resolve("鼓楼区中山北路1号")
    assert resolution.code is None
    assert resolution.candidates == ("320106", "320302", "350102", "410204")


def test_fields_given_apart_are_read_before_the_text() -> None:
    assert resolve("文三路478号", "浙江省", "杭州市", "西湖区").code == "330106"
    assert resolve("鼓楼区中山北路1号", city="南京").code == "320106"
    assert resolve("浙江省杭州市西湖区文三路", "浙江省", "杭州市", "西湖区").code == "330106"
    assert resolve("", "湖北省", "省直辖县级行政区划", "仙桃市").code == "429004"
    assert resolve("", "上海", "上海市", "浦东新区").code == "310115"
    assert resolve("神州路8号", "江苏省", "盐城市", "其它区").code == "320900"


def test_fields_that_contradict_each_other_are_no_place() -> None:
    assert resolve("", "浙江省", "南京市").reason == "ambiguous"
    assert resolve("江苏省南京市鼓楼区", province="浙江省").reason == "ambiguous"
    assert resolve("文三路", "广东省", "杭州", "西湖区").reason == "ambiguous"


def test_many_addresses_answer_like_each_alone() -> None:
    texts = [address for address, _ in cases("addresses.csv") + cases("addresses_more.csv")]
    codes, reasons = resolve_many(texts)
    assert codes.dtype == np.int32
    assert reasons.dtype == np.int8
    for text, code, reason in zip(texts, codes.tolist(), reasons.tolist(), strict=True):
        alone = resolve(text)
        assert (f"{code:06d}" if code else None) == alone.code
        assert reason == {None: RESOLVED, "ambiguous": AMBIGUOUS, "unresolved": UNRESOLVED}[alone.reason]


def test_no_addresses_give_empty_arrays() -> None:
    codes, reasons = resolve_many([])
    assert len(codes) == len(reasons) == 0


def test_a_pasted_page_is_read_no_further_than_an_address_reaches() -> None:
    assert resolve("无" * 1_000_000 + "浙江省杭州市西湖区").reason == "unresolved"
    assert resolve("浙江省杭州市西湖区" + "无" * 1_000_000).code == "330106"


@given(st.text(alphabet="浙江省杭州市西湖区上海北京路中山朝阳 县镇,０1aZ臺灣", max_size=40))
def test_any_text_has_exactly_a_code_or_a_reason(text: str) -> None:
    resolution = resolve(text)
    assert (resolution.code is None) != (resolution.reason is None)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert resolve(text) == resolve(text)


@given(st.sampled_from(["张三", "李海南", "13800138000", "310000", "收货人：王丽 电话：13900139000", "(家)"]),
       st.sampled_from(["浙江省杭州市西湖区文三路1号", "江苏南京鼓楼区北京西路", "重庆 万州区 王牌路"]))  # fmt: skip
def test_names_and_telephones_around_an_address_change_nothing(noise: str, address: str) -> None:
    assert answer(f"{noise} {address} {noise}") == answer(address)
