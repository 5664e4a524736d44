"""Orders as platforms write them, read into our own: one small file per platform, nothing stored here.

`docs/how-to/add-a-platform.md` says how to add one.
"""

from collections.abc import Mapping

from . import douyin, jd, pdd, shopify, taobao, woocommerce
from .shapes import Platform

PLATFORMS: Mapping[str, Platform] = {
    one.code: one
    for one in (
        taobao.PLATFORM,
        jd.PLATFORM,
        pdd.PLATFORM,
        douyin.PLATFORM,
        shopify.PLATFORM,
        woocommerce.PLATFORM,
    )
}
"""By the code a shop's platform, a command's option and an address name."""
