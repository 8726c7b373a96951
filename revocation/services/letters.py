"""What holders are told of a request, at each step."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.models import Identity, Subscriber
from certificates.models import Certificate
from notifications.rules import is_plain_address
from notifications.services import Letter, promise_all
from revocation.models import RevocationRequest
from revocation.selectors.finding import parts
from revocation.states import Reason

REQUESTED, APPROVED = "revocation-requested", "revocation-approved"
REJECTED, WITHDRAWN = "revocation-rejected", "revocation-withdrawn"


def tell(
    event: str,
    request: RevocationRequest,
    certificates: Sequence[Certificate],
    context: Mapping[str, str] | None = None,
) -> None:
    """Promise each holder of `certificates` one mail about all of theirs, at their newest address.

    Certificates of the service itself have no holder. An address that no mail can go to keeps nothing from being
    revoked.
    """
    theirs: dict[int, list[Certificate]] = defaultdict(list)
    for one in certificates:
        if one.subscriber_id is not None:
            theirs[one.subscriber_id].append(one)
    words = {**_about(request), **(context or {})}
    letters = [
        _letter(event, subscriber, identity, {**words, **_numbers(theirs[subscriber.pk])})
        for subscriber, identity in _holders(theirs)
        if is_plain_address(identity.email)
    ]
    promise_all(letters=[_with_reason(letter, request.reason) for letter in letters])


def _holders(subscribers: Iterable[int]) -> Iterable[tuple[Subscriber, Identity]]:
    for part in parts(sorted(subscribers)):
        people = Subscriber.objects.select_related("account").in_bulk(part)
        newest = {one.subscriber_id: one for one in Identity.objects.filter(subscriber__in=part).order_by("version")}
        yield from ((people[key], newest[key]) for key in part if key in newest)


def _about(request: RevocationRequest) -> dict[str, str]:
    reference = request.case.reference
    return {"reference": reference, "url": f"{settings.PUBLIC_URL}{reverse('revocation:home')}"}


def _numbers(certificates: Sequence[Certificate]) -> dict[str, str]:
    """The numbers of the certificates, and which of them are suspended or still in force."""
    held = [one.number for one in certificates if one.state == "held"]
    valid = [one.number for one in certificates if one.state == "valid"]
    return {
        "numbers": ", ".join(one.number for one in certificates),
        "held": ", ".join(held),
        "valid": ", ".join(valid),
    }


def _letter(event: str, subscriber: Subscriber, identity: Identity, context: dict[str, str]) -> Letter:
    return Letter(
        event=event,
        key=f"{event}:{context['reference']}:{subscriber.number}",
        address=identity.email,
        language=subscriber.account.language,
        context={"name": identity.latin_name, **context},
    )


def _with_reason(letter: Letter, reason: str) -> Letter:
    with translation.override(letter.language):
        label = str(Reason(reason).label)
    return Letter(letter.event, letter.key, letter.address, letter.language, {**letter.context, "why": label})
