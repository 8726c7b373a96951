"""Taking hold of certificates for an act."""

from collections.abc import Iterable

from certificates.models import Certificate
from revocation.selectors.finding import parts

_NEEDED = (
    "number",
    "state",
    "not_after",
    "profile",
    "authority_id",
    "public_key_id",
    "subscriber_id",
    "item__order__profile_version",
)


def take(certificates: Iterable[int]) -> list[Certificate]:
    """These certificates as they stand now, locked until the commit; by their keys in order, so that two acts on the
    same ones come one after the other.
    """
    found: list[Certificate] = []
    rows = Certificate.objects.select_for_update(of=("self",), no_key=True).select_related("item__order")
    for part in parts(sorted(set(certificates))):
        found += rows.filter(pk__in=part).order_by("pk").only(*_NEEDED)
    return found
