"""Reading orders, certificates and CAs, and saying in words what stands in a certificate."""

from certificates.selectors.orders import (
    authorities,
    certificate_of,
    certificates_of,
    database_now,
    issuing_authority,
    key_page,
    order_items,
    order_of,
    order_sheet,
    orders_of,
    profile_of,
    profile_title,
    registered,
)
from certificates.selectors.rows import chain, row
from certificates.selectors.words import Fact, describe

__all__ = [
    "Fact",
    "authorities",
    "certificate_of",
    "certificates_of",
    "chain",
    "database_now",
    "describe",
    "issuing_authority",
    "key_page",
    "order_items",
    "order_of",
    "order_sheet",
    "orders_of",
    "profile_of",
    "profile_title",
    "registered",
    "row",
]
