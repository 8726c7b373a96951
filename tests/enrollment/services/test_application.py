"""From an entitlement to an order."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.errors import TooMany
from accounts.services import accept_agreement
from audit.models import Event
from certificates.models import Authority, Order
from certificates.services import confirm_data
from certificates.states import OrderState
from enrollment.errors import EntitlementExpired, EntitlementUsed, StepMissing
from enrollment.models import Entitlement
from enrollment.services import open_application, report_data_error, submit_csr
from notifications.models import Message
from tests import factories
from tests.certificates.making import ceremony, submission
from tests.enrollment import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def entitlement() -> Entitlement:
    """What a registration for secure-email gives."""
    return making.entitlement()


@pytest.fixture
def order(entitlement: Entitlement) -> Order:
    """The draft that uses it."""
    return open_application(subscriber=entitlement.subscriber, entitlement=entitlement)


@pytest.fixture
def ca() -> Authority:
    """An issuing CA, and the agreement's texts."""
    call_command("load_agreements", stdout=StringIO())
    return ceremony()


def prove(order: Order) -> None:
    now = timezone.now()
    assert order.subscriber
    assert order.identity
    order.subscriber.mailbox_proofs.create(
        email=order.identity.email, token_hash="x", sent_at=now, expires_at=now, proven_at=now
    )


def test_an_application_is_one_draft_however_often_it_is_begun(entitlement: Entitlement, order: Order) -> None:
    assert order.identity == entitlement.identity
    assert (order.state, order.profile, order.profile_version) == (OrderState.DRAFT, "secure-email", 1)
    assert open_application(subscriber=entitlement.subscriber, entitlement=entitlement) == order
    assert Order.objects.count() == 1


def test_an_address_that_changed_since_stands_in_the_application_to_be_confirmed(
    entitlement: Entitlement, order: Order
) -> None:
    person = entitlement.subscriber
    confirm_data(order=order, actor=person.audit_id)
    moved = factories.identity(person, email="new@example.org", evidence="mailbox-proof:1")
    again = open_application(subscriber=person, entitlement=entitlement)
    assert (again.pk, again.identity, again.data_confirmed_at) == (order.pk, moved, None)
    factories.identity(person, email="newer@example.org", evidence="case:NEW")  # another approval is for these
    assert open_application(subscriber=person, entitlement=entitlement).identity == moved


def test_an_entitlement_is_good_until_its_end(entitlement: Entitlement) -> None:
    entitlement.expires_at = timezone.now()
    with pytest.raises(EntitlementExpired):
        open_application(subscriber=entitlement.subscriber, entitlement=entitlement)


def test_an_order_on_its_way_is_shown_after_the_end_too(entitlement: Entitlement, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state=OrderState.PLACED)
    entitlement.expires_at = timezone.now()
    assert open_application(subscriber=entitlement.subscriber, entitlement=entitlement) == order


def test_an_entitlement_is_good_for_one_certificate(entitlement: Entitlement, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state=OrderState.ISSUED)
    with pytest.raises(EntitlementUsed):
        open_application(subscriber=entitlement.subscriber, entitlement=entitlement)


def test_a_refused_order_gives_the_entitlement_back(entitlement: Entitlement, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state=OrderState.REFUSED)
    assert open_application(subscriber=entitlement.subscriber, entitlement=entitlement) != order


def test_each_step_is_asked_for_before_the_key(ca: Authority, entitlement: Entitlement, order: Order) -> None:
    holder = entitlement.subscriber
    doing: dict[str, Callable[[], object]] = {
        "data": lambda: confirm_data(order=order, actor=holder.audit_id),
        "mailbox": lambda: prove(order),
        "agreement": lambda: accept_agreement(subscriber=holder, version=1, language="en", purpose=order.audit_id),
    }
    for step, do in doing.items():
        with pytest.raises(StepMissing) as refusal:
            submit_csr(order=order, subscriber=holder, submission=submission())
        assert refusal.value.step == step
        do()
    assert submit_csr(order=order, subscriber=holder, submission=submission()).state == OrderState.PLACED


def test_the_end_counts_also_at_the_last_step(ca: Authority, entitlement: Entitlement, order: Order) -> None:
    Entitlement.objects.update(expires_at=timezone.now())
    with pytest.raises(EntitlementExpired):
        submit_csr(order=order, subscriber=entitlement.subscriber, submission=submission())


def test_wrong_data_are_told_to_the_desk_and_the_words_are_sealed(entitlement: Entitlement, order: Order) -> None:
    holder = entitlement.subscriber
    report_data_error(order=order, subscriber=holder, text="My name is Mei-Ling.")
    letter = Message.objects.get(event="data-error")
    assert letter.address == settings.SITE["help_mail"]["en"]
    assert "Mei-Ling" not in str(letter.context) + letter.secrets
    assert Event.objects.filter(name="data.error-reported", subject=order.audit_id).exists()


def test_reports_are_throttled(entitlement: Entitlement, order: Order) -> None:
    for _ in range(5):
        report_data_error(order=order, subscriber=entitlement.subscriber, text="wrong")
    with pytest.raises(TooMany):
        report_data_error(order=order, subscriber=entitlement.subscriber, text="wrong")
