"""The columns of an order file, the headings they are known by, and what can be wrong with an order."""

from django.utils.translation import gettext_lazy as _

from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.flaws import Flaw

from .models import MAX_PIECES

MOST_LINES = 2_000
"""The most rows one order may have in a file."""
MOST_MONEY_MINOR = 10**15
MOST_OF_A_REMARK = 5_000
PRIORITIES = 1_000_000

LINE_FIELDS = (
    Field("line_number", Kind.CODE, "line line_no line_id oid sub_order 行号 子订单号 子订单编号 明细编号", most=64),
    Field(
        "sku",
        Kind.CODE,
        "sku_code shop_sku seller_sku outer_sku_id item_code product_code"
        " 货品编码 货品 商品编码 商家编码 规格编码 店铺货品编码 SKU编码 货号"
        " 商家编码-SKU维度 外部系统编号 lineitem_sku 商家编码-商品维度",
        required=True,
        most=100,
    ),
    Field(
        "qty",
        Kind.WHOLE,
        "quantity pieces count num 数量 件数 商品数量 购买数量 宝贝数量 商品数量(件) 订购数量 lineitem_quantity",
        required=True,
        least=1,
        most=MAX_PIECES,
    ),
    Field("line_amount", Kind.MONEY, "line_total 行金额 明细金额 子订单金额 商品金额", most=MOST_MONEY_MINOR),
)

ORDER_FIELDS = (
    Field("shop", Kind.CODE, "shop_code shop_name store 店铺 店铺编码 店铺代码 店铺名称", required=True, most=100),
    Field(
        "number",
        Kind.CODE,
        "order_number order_no order_id order tid platform_order_number"
        " 订单号 订单编号 平台订单号 线上订单号 原始单号 主订单编号 交易编号",
        required=True,
        most=64,
    ),
    Field(
        "paid_at",
        Kind.INSTANT,
        "paid pay_time payment_time paid_time 付款时间 支付时间 订单付款时间 支付完成时间 付款确认时间",
    ),
    Field(
        "ship_by",
        Kind.DEADLINE,
        "ship_by_at ship_before deadline latest_ship_time 最晚发货 最晚发货时间 发货截止时间 承诺发货时间",
    ),
    Field(
        "amount",
        Kind.MONEY,
        "order_amount paid_amount total 金额 订单金额 实付金额 应付金额 买家实际支付金额 用户实付金额(元) 订单应付金额",
        most=MOST_MONEY_MINOR,
    ),
    Field("amount_minor", Kind.WHOLE, "金额(分) 实付金额(分) 订单金额(分)", least=0, most=MOST_MONEY_MINOR),
    Field("currency", Kind.CODE, "币种 货币", most=10),
    Field("priority", Kind.WHOLE, "优先级", least=-PRIORITIES, most=PRIORITIES),
    Field("payment", Kind.TEXT, "payment_type payment_method 支付方式 付款方式", most=20),
    Field("delivery", Kind.TEXT, "delivery_type shipping_method 配送方式 发货方式 物流方式", most=20),
    Field("tags", Kind.WORDS, "tag order_tags 标签 订单标签", most=40),
    Field(
        "buyer_remark", Kind.TEXT, "remark buyer_message buyer_note 买家备注 买家留言 客户备注", most=MOST_OF_A_REMARK
    ),
    Field("seller_remark", Kind.TEXT, "seller_memo seller_note 卖家备注 客服备注 商家备注", most=MOST_OF_A_REMARK),
    Field("buyer", Kind.TEXT, "buyer_nick customer 买家 买家昵称 买家账号 买家会员名 会员名", most=100),
    Field(
        "name",
        Kind.TEXT,
        "recipient receiver receiver_name consignee 收货人 收件人 收货人姓名 收件人姓名 客户姓名 shipping_name",
        most=100,
    ),
    Field(
        "phone",
        Kind.CODE,
        "mobile receiver_mobile receiver_phone 电话 手机 手机号 联系电话 联系手机 收货人手机 收件人手机"
        " 收件人手机号 shipping_phone",
        most=40,
    ),
    Field("country", Kind.TEXT, "国家 国家/地区", most=60),
    Field("province", Kind.TEXT, "state receiver_state 省 省份 收货省份", most=60),
    Field("city", Kind.TEXT, "receiver_city 市 城市 收货城市", most=60),
    Field("district", Kind.TEXT, "county receiver_district 区 区县 区/县 县 收货区县", most=60),
    Field(
        "address",
        Kind.TEXT,
        "street receiver_address 详细地址 地址 收货地址 收件地址 客户地址 shipping_street",
        most=500,
    ),
    Field("region", Kind.CODE, "region_code 行政区划代码 地区编码", most=12),
    Field("lat", Kind.DECIMAL, "latitude 纬度", least=-90, most=90),
    Field("lng", Kind.DECIMAL, "longitude lon 经度", least=-180, most=180),
)

FIELDS = ORDER_FIELDS + LINE_FIELDS

UNKNOWN_SHOP = Flaw(
    "unknown_shop",
    _("There is no shop with this code or name."),
    _("Correct the shop, or import the shop first."),
)
CONTRADICTS = Flaw(
    "contradicts",
    _("Line %(line)d says something else about the same order."),
    _("Give the lines %(line)d and %(here)d the same value."),
)
LINE_TWICE = Flaw(
    "line_twice",
    _("Line %(line)d of the file has the same line number of the same order."),
    _("Remove the repeated line, or give it a line number of its own."),
)
WITHHELD = Flaw(
    "order_rejected",
    _("Another row of the same order (line %(line)d) was rejected, and an order is never imported by half."),
    _("Mend line %(line)d and import all rows of the order together."),
)
TOO_MANY_LINES = Flaw(
    "too_many_lines",
    _("The order has more than %(most)d lines."),
    _("Split it into orders of at most %(most)d lines."),
)
HALF_A_PLACE = Flaw(
    "half_a_place",
    _("Of latitude and longitude only one is given."),
    _("Give both, or neither."),
)
UNKNOWN_REGION = Flaw(
    "unknown_region",
    _("There is no region with this code."),
    _("Write the six digits of the administrative division, or leave the cell empty and give the address."),
)
NOT_A_CURRENCY = Flaw(
    "not_a_currency",
    _("This is not a currency."),
    _("Write the three letters of the currency, for example CNY."),
)
TOO_MANY_PIECES = Flaw(
    "too_many_pieces",
    _("With the parts of the bundle this line asks for more than %(most)d pieces."),
    _("Correct the quantity."),
)
CANNOT_CHANGE = Flaw(
    "cannot_change",
    _("The order was imported before with other content, and could not be changed: %(why)s"),
    _("Change the order by hand, or remove the row."),
)
