"""The columns of the network's tables, the headings they are known by, and what can be wrong with them."""

from django.utils.translation import gettext_lazy as _

from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.flaws import Flaw

MOST = 2_000_000_000
"""The largest number the database's integer columns take, roundly."""

_CODE = "编码 代码"
_NAME = "名称"

SHOP_FIELDS = (
    Field("code", Kind.CODE, f"shop shop_code 店铺编码 店铺 店铺代码 {_CODE}", required=True, most=40),
    Field("name", Kind.TEXT, f"shop_name 店铺名称 {_NAME}", most=100),
    Field("platform", Kind.TEXT, "平台", most=40),
    Field(
        "ship_within_h",
        Kind.WHOLE,
        "ship_within promise_h 发货时限(小时) 承诺发货(小时) 发货时效(小时)",
        least=0,
        most=8784,
    ),
    Field("active", Kind.FLAG, "启用 是否启用 状态"),
)

SHOP_SKU_FIELDS = (
    Field("shop", Kind.CODE, "shop_code 店铺 店铺编码", required=True, most=40),
    Field(
        "code",
        Kind.CODE,
        "shop_sku shop_sku_code platform_code 店铺货品编码 平台编码 平台货品编码 商家编码",
        required=True,
        most=100,
    ),
    Field("sku", Kind.CODE, "our_sku sku_code 货品 货品编码 系统货品编码", required=True, most=64),
)

WAREHOUSE_FIELDS = (
    Field("code", Kind.CODE, f"warehouse warehouse_code id 仓库编码 仓库 仓库代码 {_CODE}", required=True, most=40),
    Field("name", Kind.TEXT, f"warehouse_name 仓库名称 {_NAME}", most=100),
    Field("position", Kind.WHOLE, "顺序 排序 序号", least=0, most=MOST),
    Field("is_open", Kind.FLAG, "open 营业 是否营业 启用 状态"),
    Field("region", Kind.CODE, "region_code 地区 所在地区 行政区划代码 行政区划", most=60),
    Field("address", Kind.TEXT, "地址 详细地址", most=300),
    Field("lat", Kind.DECIMAL, "latitude 纬度", least=-90, most=90),
    Field("lng", Kind.DECIMAL, "longitude lon 经度", least=-180, most=180),
    Field("covers", Kind.WORDS, "coverage 覆盖地区 覆盖区域 配送范围", most=60),
    Field("excludes", Kind.WORDS, "excluded 不覆盖地区 排除地区 不配送地区", most=60),
    Field("capacity", Kind.WHOLE, "capacity_per_day 日产能 产能 每日产能", least=0, most=MOST),
    Field("ratio", Kind.WHOLE, "分配比例 比例", least=0, most=MOST),
    Field("timezone", Kind.TEXT, "time_zone 时区", most=40),
    Field("cutoff", Kind.CLOCK, "cut_off 截单时间 截单"),
    Field("handling_s", Kind.WHOLE, "处理时间(秒)", least=0, most=MOST),
    Field("handling_h", Kind.DECIMAL, "处理时间(小时)", least=0, most=8784),
    Field("weekdays_off", Kind.WORDS, "days_off 休息日 每周休息日 周休", most=20),
    Field("holidays", Kind.TEXT, "public_holidays 公共假期 法定节假日 节假日", most=10),
)

CALENDAR_FIELDS = (
    Field("warehouse", Kind.CODE, "warehouse_code 仓库 仓库编码", required=True, most=40),
    Field("day", Kind.DAY, "date 日期", required=True),
    Field("working", Kind.FLAG, "works 上班 是否上班 营业 是否作业"),
)

TEAM_FIELDS = (
    Field("code", Kind.CODE, f"team team_code id 团队编码 团队 团队代码 {_CODE}", required=True, most=40),
    Field("name", Kind.TEXT, f"team_name 团队名称 {_NAME}", most=100),
    Field("warehouse", Kind.CODE, "warehouse_code 仓库 所属仓库 仓库编码", most=40),
    Field("shops", Kind.WORDS, "shop 店铺 服务店铺 负责店铺", most=40),
    Field("skills", Kind.WORDS, "skill 技能", most=40),
    Field("ratio", Kind.WHOLE, "分配比例 比例", least=0, most=MOST),
    Field("capacity", Kind.WHOLE, "capacity_per_day 日产能 产能 每日产能", least=0, most=MOST),
    Field("active", Kind.FLAG, "启用 是否启用 状态"),
)

FREIGHT_FIELDS = (
    Field("warehouse", Kind.CODE, "warehouse_code 仓库 发货仓库 仓库编码", required=True, most=40),
    Field("carrier", Kind.CODE, "承运商 快递 快递公司 物流公司", required=True, most=40),
    Field("region", Kind.CODE, "region_code to 地区 目的地 目的地区 行政区划代码", most=60),
    Field("first_g", Kind.WHOLE, "首重(克) 首重(g)", least=1, most=MOST),
    Field("first_kg", Kind.DECIMAL, "首重(千克) 首重(kg) 首重(公斤)", least=0.001, most=MOST / 1000),
    Field("first_price", Kind.MONEY, "first_fee 首重价格 首重费用 首费 首重运费", required=True, most=MOST),
    Field("next_g", Kind.WHOLE, "续重(克) 续重(g)", least=1, most=MOST),
    Field("next_kg", Kind.DECIMAL, "续重(千克) 续重(kg) 续重(公斤)", least=0.001, most=MOST / 1000),
    Field("next_price", Kind.MONEY, "next_fee 续重价格 续重费用 续费 续重运费", most=MOST),
    Field("transit_s", Kind.WHOLE, "时效(秒)", least=0, most=MOST),
    Field("transit_h", Kind.DECIMAL, "时效(小时)", least=0, most=8784),
    Field("transit_days", Kind.DECIMAL, "days 时效(天) 运输天数", least=0, most=366),
    Field("volumetric_cm3_per_kg", Kind.WHOLE, "volumetric 抛重比 体积重量比", least=0, most=MOST),
)

PROMOTION_FIELDS = (
    Field("code", Kind.CODE, f"promotion promotion_code 大促编码 活动编码 {_CODE}", required=True, most=40),
    Field("name", Kind.TEXT, f"promotion_name 大促名称 活动名称 大促 {_NAME}", most=100),
    Field("starts_at", Kind.INSTANT, "starts start from 开始时间 开始", required=True),
    Field("ends_at", Kind.DEADLINE, "ends end to until 结束时间 结束", required=True),
)

UNKNOWN_SHOP = Flaw(
    "unknown_shop", _("There is no shop with this code."), _("Correct the code, or import the shop first.")
)
UNKNOWN_SKU = Flaw("unknown_sku", _("There is no SKU with this code."), _("Correct the code, or import the SKU first."))
UNKNOWN_WAREHOUSE = Flaw(
    "unknown_warehouse",
    _("There is no warehouse with this code."),
    _("Correct the code, or import the warehouse first."),
)
UNKNOWN_REGION = Flaw(
    "unknown_region",
    _("There is no such region, or there are several of this name."),
    _("Write the code of the administrative division, or the province before the name."),
)
UNKNOWN_TIME_ZONE = Flaw(
    "unknown_time_zone",
    _("There is no such time zone."),
    _("Write its name in the tz database, for example Asia/Shanghai."),
)
UNKNOWN_HOLIDAYS = Flaw(
    "unknown_holidays",
    _("The public holidays of this country are not known."),
    _("Write CN, or leave the cell empty and import a calendar."),
)
UNKNOWN_WEEKDAY = Flaw("unknown_weekday", _("This is not a day of the week."), _("Write for example sat, sun."))
LAT_WITHOUT_LNG = Flaw("half_a_place", _("Of latitude and longitude only one is given."), _("Give both, or neither."))
ENDS_BEFORE_IT_STARTS = Flaw(
    "ends_before_start",
    _("The promotion does not end after its start."),
    _("Correct the start or the end."),
)
