"""Personal data as everybody may see it: enough to recognise, too little to misuse."""

import re

DOTS = "***"
KEPT_OF_ADDRESS = re.compile(r"^.{0,60}?(?:街道|镇|乡|路|街|区|县)")


def mask_name(name: str) -> str:
    """王小明 → 王**, Ann Smith → A***"""
    name = name.strip()
    if not name:
        return ""
    return name[0] + (DOTS if name.isascii() else "*" * min(max(len(name) - 1, 1), 2))


def mask_phone(phone: str) -> str:
    """138****5678: the first three and last four of a long number, the last two of a short one."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return ""
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"****{digits[-2:]}"


def mask_address(street: str) -> str:
    """Only as far as the district, road or street name; the house is nobody's business."""
    street = street.strip()
    if not street:
        return ""
    kept = KEPT_OF_ADDRESS.match(street)
    return (kept.group(0) if kept else "") + DOTS
