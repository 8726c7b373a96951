"""Placing orders, and changing what the CA says of a certificate."""

from certificates.services.challenges import prove_challenge
from certificates.services.orders import (
    Grant,
    Submission,
    confirm_data,
    open_draft,
    place_order,
    place_service_order,
    read_requests,
)
from certificates.services.status import block_key, hold, lift, revoke

__all__ = [
    "Grant",
    "Submission",
    "block_key",
    "confirm_data",
    "hold",
    "lift",
    "open_draft",
    "place_order",
    "place_service_order",
    "prove_challenge",
    "read_requests",
    "revoke",
]
