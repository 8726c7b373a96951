"""Finding the certificates that somebody wants revoked. What belongs to a reader is fetched through them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Office, Organisation, Subscriber
from cases.states import CaseState
from certificates.models import Certificate
from certificates.selectors import certificates_of
from certificates.states import CertificateState
from revocation.errors import TooManyChosen
from revocation.models import RevocationLine
from revocation.rules import MOST_AT_ONCE, plain_name

IN_ONE_QUESTION = 1000  # values in one statement
_Value = TypeVar("_Value")
_LISTED = ("certificate__number", "request__case__reference")


@dataclass
class Found:
    """What a list of certificates names: those to be revoked, and each other line with why it is left out."""

    certificates: list[Certificate] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # a request for it waits already


def parts(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """A long list in pieces that fit into one statement."""
    for start in range(0, len(values), IN_ONE_QUESTION):
        yield values[start : start + IN_ONE_QUESTION]


def certificate_named(text: str) -> Certificate | None:
    """The certificate with this number or serial number, however it was typed; None where there is none."""
    number, serial = plain_name(text)
    named = Certificate.objects.select_related("subscriber__office", "item__order")
    return named.filter(_is(number, serial)).order_by("-not_before", "-pk").first()


def _is(number: str, serial: str) -> Q:
    # Neither is ever empty in a row, so that an unreadable name is looked for like any other and not found.
    return Q(number=number) | Q(serial=serial)


def open_requests(certificates: Iterable[Certificate]) -> dict[str, str]:
    """Which of these certificates have a request that waits: number of the certificate -> reference of the case."""
    waiting = RevocationLine.objects.filter(request__case__state=CaseState.OPEN)
    found: dict[str, str] = {}
    for part in parts([one.pk for one in certificates]):
        found.update(waiting.filter(certificate__in=part).values_list(*_LISTED))
    return found


def revocable(certificates: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """Those that can be asked for: neither revoked nor ended, and no request for them waits."""
    waiting = RevocationLine.objects.filter(certificate=OuterRef("pk"), request__case__state=CaseState.OPEN)
    living = certificates.exclude(state=CertificateState.REVOKED).filter(not_after__gte=timezone.now())
    return living.exclude(Exists(waiting))


def own_revocable(subscriber: Subscriber) -> QuerySet[Certificate]:
    """The certificates that this subscriber can have revoked, newest first."""
    return revocable(certificates_of(subscriber))


def with_its_pair(certificate: Certificate) -> list[Certificate]:
    """A certificate with the others of its order that can still be revoked."""
    others = Certificate.objects.filter(item__order=certificate.item.order_id).exclude(pk=certificate.pk)
    return [certificate, *revocable(others).order_by("pk")]


def of_office(office: Office) -> QuerySet[Certificate]:
    """What an officer of this office may have revoked: its subscribers' certificates, and the service's own."""
    return Certificate.objects.filter(Q(subscriber__office=office) | Q(subscriber=None))


def found_in(names: Sequence[str], office: Office) -> Found:
    """The certificates of an office that a list of numbers and serial numbers names."""
    if len(names) > MOST_AT_ONCE:
        raise TooManyChosen(MOST_AT_ONCE)
    found, matched = Found(), dict[int, Certificate]()
    for part in parts(names):
        plain = {name: plain_name(name) for name in part}
        numbers, serials = ({pair[at] for pair in plain.values()} - {""} for at in (0, 1))
        certificates = list(of_office(office).filter(Q(number__in=numbers) | Q(serial__in=serials)).defer("der"))
        matched.update((one.pk, one) for one in certificates)
        known = {one.number for one in certificates}, {one.serial for one in certificates}
        found.unknown += [
            name for name, (number, serial) in plain.items() if number not in known[0] and serial not in known[1]
        ]
    _sort(list(matched.values()), found)
    return found


def found_of(organisation: Organisation, office: Office) -> Found:
    """Every certificate of an organisation that can be revoked, as far as this office issued it."""
    theirs = of_office(office).filter(item__order__identity__organisation=organisation)
    certificates = list(revocable(theirs).defer("der").order_by("pk")[: MOST_AT_ONCE + 1])
    if len(certificates) > MOST_AT_ONCE:
        raise TooManyChosen(MOST_AT_ONCE)
    return Found(certificates=certificates)


def _sort(certificates: Sequence[Certificate], found: Found) -> None:
    now, waiting = timezone.now(), open_requests(certificates)
    for one in sorted(certificates, key=lambda one: one.pk):
        if one.state == CertificateState.REVOKED:
            found.revoked.append(one.number)
        elif one.not_after < now:
            found.ended.append(one.number)
        elif one.number in waiting:
            found.asked.append(one.number)
        else:
            found.certificates.append(one)
