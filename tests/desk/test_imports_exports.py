"""Files sellers download from platforms: headings as they are, one shop for all, what is not to be shipped left out."""

# ruff: noqa: E501 - rows as they are

import io

import pytest
from tests.builders import NOW, make_shop, make_sku

from paidan.desk.imports import import_file
from paidan.kit.errors import Refusal
from paidan.orders.models import Order, OrderLine

pytestmark = pytest.mark.django_db

TAOBAO = """订单编号,买家会员名,买家实际支付金额,订单状态,买家留言,收货人姓名,收货地址,联系手机,订单付款时间,商家编码,宝贝数量
="2067719225654838",t***1,323.58,"买家已付款,等待卖家发货",,张**,广东省广州市天河区中山大道1号,'13800000000,2026-11-11 08:00:00,A,2
="2067719225654839",t***2,10.00,等待买家付款,,李**,广东省广州市天河区,'13800000001,,A,1
="2067719225654840",t***3,10.00,"卖家已发货,等待买家确认",,王**,广东省广州市天河区,'13800000002,2026-11-10 08:00:00,A,1
"""
PDD = """商品,订单号,订单状态,商品数量(件),用户实付金额(元),收货人,手机,省,市,区,街道,支付时间,承诺发货时间,商家编码-SKU维度,售后状态
杯,261111-1,待发货,2,19.90,王*,1****,浙江省,杭州市,余杭区,某街道,2026-11-11 08:00:00,2026-11-13 08:00:00,A,无售后或售后取消
杯,261111-2,"未发货,退款成功",1,9.95,王*,1****,浙江省,杭州市,余杭区,某街道,2026-11-11 08:00:00,2026-11-13 08:00:00,A,退款成功
杯,261111-3,已取消,1,9.95,王*,1****,浙江省,杭州市,余杭区,某街道,,,A,无售后或售后取消
"""
DOUYIN = """主订单编号,子订单编号,商品数量,商家编码,订单应付金额,收件人,收件人手机号,省,市,区,详细地址,支付完成时间,订单状态
6920000000000000001\t,6920000000000000001\t,1,A,10.00,赵*,1****,四川省,成都市,武侯区,***,2026-11-11 08:00:00,待发货
6920000000000000001\t,6920000000000000002\t,1,B,10.00,赵*,1****,四川省,成都市,武侯区,***,2026-11-11 08:00:00,已发货
"""


@pytest.fixture(autouse=True)
def shop():
    for code in "AB":
        make_sku(code)
    return make_shop("corner")


def bring(text, **more):
    return import_file("order", io.BytesIO(text.encode("gb18030")), now=NOW, **more)


@pytest.mark.parametrize(("text", "left_out"), [(TAOBAO, 2), (PDD, 2), (DOUYIN, 1)])
def test_an_export_comes_in_for_its_shop_and_only_what_is_to_be_shipped(text, left_out):
    report = bring(text, shop="corner")
    assert (report.created, report.left_out, report.rejects.rows) == (1, left_out, 0), report.rejects.sample
    order = Order.objects.select_related("recipient").get()
    assert order.paid_at == NOW
    assert order.amount_minor
    assert order.recipient.name
    assert order.region
    assert [line.shop_code for line in OrderLine.objects.all()] == ["A"]
    assert bring(text, shop="corner").unchanged == 1


def test_without_saying_the_shop_the_file_is_refused():
    with pytest.raises(Refusal, match="shop"):
        bring(TAOBAO)


def test_a_shop_that_is_not_there_is_said_row_by_row():
    report = bring(TAOBAO, shop="nowhere")
    assert (report.created, report.rejects.rows) == (0, 1)


def test_a_line_shipped_since_stays_a_line_of_the_order_we_have():
    bring(DOUYIN.replace("已发货", "待发货"), shop="corner")
    assert OrderLine.objects.count() == 2
    report = bring(DOUYIN, shop="corner")
    assert (report.unchanged, report.left_out) == (1, 0)
