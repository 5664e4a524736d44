"""An order of each platform, written by hand after the platforms' documents; no real buyer, no real order."""

from copy import deepcopy
from typing import Any

TAOBAO: dict[str, Any] = {
    "trade_fullinfo_get_response": {
        "trade": {
            "tid": 2067719225654838,
            "status": "WAIT_SELLER_SEND_GOODS",
            "type": "fixed",
            "payment": "323.58",
            "post_fee": "0.00",
            "pay_time": "2026-11-11 08:00:00",
            "modified": "2026-11-11 08:00:05",
            "created": "2026-11-11 07:59:00",
            "consign_interval": 48,
            "receiver_state": "广东省",
            "receiver_city": "广州市",
            "receiver_district": "天河区",
            "receiver_town": "棠下街道",
            "receiver_address": "棠下街道中山大道**号",
            "receiver_name": "张**",
            "receiver_mobile": "~AQFx0p3k2TzLq8vW9sGd/1h4==~0~",
            "buyer_nick": "t***1",
            "buyer_message": "请尽快",
            "seller_memo": "VIP",
            "shipping_type": "express",
            "orders": {
                "order": [
                    {
                        "oid": "2067719225654839",
                        "num": 2,
                        "outer_sku_id": "A-RED",
                        "outer_iid": "A",
                        "divide_order_fee": "223.58",
                        "refund_status": "NO_REFUND",
                        "status": "WAIT_SELLER_SEND_GOODS",
                    },
                    {
                        "oid": "2067719225654840",
                        "num": "1",
                        "outer_iid": "B",
                        "payment": "100.00",
                        "refund_status": "NO_REFUND",
                        "status": "WAIT_SELLER_SEND_GOODS",
                    },
                ]
            },
        }
    }
}
JD: dict[str, Any] = {
    "jingdong_pop_order_get_responce": {
        "orderDetailInfo": {
            "apiResult": {"success": "true"},
            "orderInfo": {
                "orderId": "271828182845",
                "payType": "4-在线支付",
                "orderPayment": "99.90",
                "orderState": "WAIT_SELLER_STOCK_OUT",
                "paymentConfirmTime": "2026-11-11 08:00:00",
                "modified": "2026-11-11 08:00:01",
                "orderRemark": "",
                "consigneeInfo": {
                    "fullname": "李四",
                    "mobile": "13800000000",
                    "province": "北京",
                    "city": "朝阳区",
                    "county": "三环到四环之间",
                    "fullAddress": "北京朝阳区三环到四环之间某路1号",
                },
                "itemInfoList": [
                    {"skuId": "1001", "outerSkuId": "A", "itemTotal": "1", "jdPrice": "59.90"},
                    {"skuId": "1002", "itemTotal": 2, "jdPrice": 20},
                ],
            },
        }
    }
}
PDD: dict[str, Any] = {
    "order_info_get_response": {
        "order_info": {
            "order_sn": "261111-123456789012345",
            "order_status": 1,
            "refund_status": 1,
            "confirm_time": "2026-11-11 08:00:00",
            "pay_time": "2026-11-11 08:00:00",
            "last_ship_time": "2026-11-13 08:00:00",
            "updated_at": "2026-11-11 08:00:00",
            "pay_amount": 19.9,
            "province": "浙江省",
            "city": "杭州市",
            "town": "余杭区",
            "address": "文一西路***",
            "receiver_name": "~AgAAAAGc0a1Qx7bVnA~0~",
            "receiver_name_mask": "王*",
            "receiver_phone_mask": "1**********",
            "is_pre_sale": 0,
            "buyer_memo": "",
            "remark": "送赠品",
            "order_tag_list": [{"name": "no_trace_delivery", "value": 1}, {"name": "oversea", "value": 0}],
            "item_list": [{"goods_id": 9, "sku_id": 90, "outer_id": "A", "goods_count": 2, "goods_price": 9.95}],
        }
    }
}
DOUYIN: dict[str, Any] = {
    "data": {
        "shop_order_detail": {
            "order_id": "6920000000000000001",
            "order_status": 2,
            "pay_time": 1794355200,
            "create_time": 1794355100,
            "update_time": 1794355300,
            "exp_ship_time": 1794528000,
            "pay_amount": 12345,
            "post_addr": {
                "province": {"name": "四川省", "id": "51"},
                "city": {"name": "成都市", "id": "510100"},
                "town": {"name": "武侯区", "id": "510107"},
                "street": {"name": "", "id": ""},
                "detail": "#Xk3b7Qe9zTq0aYw2mNc4#1#",
            },
            "mask_post_receiver": "赵*",
            "mask_post_tel": "1********00",
            "user_coordinate": {"user_coordinate_latitude": "30.64", "user_coordinate_longitude": "104.04"},
            "buyer_words": "",
            "seller_words": "易碎",
            "sku_order_list": {
                "order_id": "6920000000000000001",
                "item_num": 1,
                "code": "A",
                "sku_id": 1700000000000001,
                "pay_amount": 12345,
                "order_status": 2,
            },
        }
    }
}
SHOPIFY: dict[str, Any] = {
    "id": 450789469,
    "name": "#1001",
    "financial_status": "paid",
    "fulfillment_status": None,
    "cancelled_at": None,
    "created_at": "2026-11-10T19:00:00-05:00",
    "processed_at": "2026-11-10T19:00:00-05:00",
    "updated_at": "2026-11-10T19:00:10-05:00",
    "currency": "CNY",
    "total_price": "199.00",
    "tags": "vip, gift",
    "note": "leave at door",
    "email": "lin@example.com",
    "shipping_address": {
        "name": "Lin",
        "address1": "中山大道1号",
        "address2": None,
        "city": "广州市",
        "province": "广东",
        "country": "China",
        "phone": "13800000000",
        "latitude": 23.12,
        "longitude": 113.33,
    },
    "line_items": [
        {"id": 1, "sku": "A", "quantity": 3, "current_quantity": 2, "price": "50.00", "requires_shipping": True},
        {"id": 2, "sku": "CARD", "quantity": 1, "current_quantity": 1, "price": "49.00", "requires_shipping": False},
        {"id": 3, "sku": "", "variant_id": 77, "quantity": 1, "current_quantity": 1, "price": "50.00"},
    ],
}
WOOCOMMERCE: dict[str, Any] = {
    "id": 727,
    "number": "727",
    "status": "processing",
    "currency": "CNY",
    "date_created_gmt": "2026-11-11T00:00:00",
    "date_paid_gmt": "2026-11-11T00:00:00",
    "date_modified_gmt": "2026-11-11T00:00:09",
    "total": "29.35",
    "payment_method": "alipay",
    "customer_note": "",
    "billing": {"email": "lin@example.com", "phone": "13800000000"},
    "shipping": {
        "first_name": "Lin",
        "last_name": "",
        "address_1": "天河路1号",
        "city": "广州市",
        "state": "CN20",
        "country": "CN",
    },
    "line_items": [
        {"id": 315, "product_id": 93, "variation_id": 0, "sku": "A", "quantity": 2, "total": "6.00"},
        {"id": 316, "product_id": 22, "variation_id": 23, "sku": "", "quantity": 1, "total": "12.00"},
    ],
    "refunds": [],
}
SAMPLES = {
    "taobao": TAOBAO,
    "jd": JD,
    "pdd": PDD,
    "douyin": DOUYIN,
    "shopify": SHOPIFY,
    "woocommerce": WOOCOMMERCE,
}


def sample(platform: str) -> dict[str, Any]:
    """A copy to change."""
    return deepcopy(SAMPLES[platform])
