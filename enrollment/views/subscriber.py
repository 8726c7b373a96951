"""The subscriber's way to a certificate."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import AgreementChanged
from accounts.forms import ListingForm
from accounts.selectors import acceptance_of, current_agreement, mailbox_link_open, subscriber_of
from accounts.services import accept_agreement, list_publicly, send_mailbox_link
from accounts.views.access import SubscriberRequest, subscriber_required
from audit.errors import WrongState
from certificates.errors import CertificateRefusal, ChallengeNotAllowed, ChallengeTooLong, ChallengeTooShort
from certificates.forms import AgreementForm, KeyForm
from certificates.models import Order
from certificates.selectors import key_page, order_of, order_sheet, profile_of
from certificates.services import Submission, confirm_data
from certificates.states import Authorisation, OrderState
from enrollment.errors import EntitlementUsed, StepMissing
from enrollment.forms import DataErrorForm
from enrollment.models import Entitlement
from enrollment.rules import may_reach, next_step
from enrollment.selectors import (
    entitlement_of,
    id_number_of,
    offers,
    order_of_entitlement,
    standing,
    steps,
)
from enrollment.services import open_application, report_data_error, submit_csr
from enrollment.states import OfferState, Step

StepView = Callable[[SubscriberRequest, Order], HttpResponseBase]

_CHALLENGE = (ChallengeNotAllowed, ChallengeTooLong, ChallengeTooShort)
_WORTH_DOING = (OfferState.BEGUN, OfferState.RUNNING, OfferState.OPEN)


def home(request: HttpRequest) -> HttpResponseBase:
    """To a visitor how to begin; to a subscriber what they may have; an officer works elsewhere."""
    if not request.user.is_authenticated:
        return render(request, "enrollment/welcome.html")
    if subscriber_of(request.user) is None:
        return redirect("desk:queue")
    return _own_home(request)


@subscriber_required
def _own_home(request: SubscriberRequest) -> HttpResponse:
    found = offers(request.subscriber)
    first = next((one for state in _WORTH_DOING for one in found if one.state == state), None)
    return render(request, "enrollment/home.html", {"offers": found, "first": first})


@subscriber_required
def start(request: SubscriberRequest, public_id: UUID) -> HttpResponse:
    """Begin to use an entitlement, or go on where it was left."""
    try:
        entitlement = entitlement_of(request.subscriber, public_id)
    except Entitlement.DoesNotExist as error:
        raise Http404 from error
    if request.method != "POST":
        return redirect("enrollment:home")  # somebody came back to an address that only a button opens
    try:
        order = open_application(subscriber=request.subscriber, entitlement=entitlement)
    except EntitlementUsed as refusal:
        # The button stood on a page that was older than the certificate, such as one in another tab.
        used = order_of_entitlement(entitlement)
        if used is None:
            raise
        messages.info(request, str(refusal))
        order = used
    return _to(Step.ORDER, order) if order.state == OrderState.DRAFT else _follow(order)


@subscriber_required
def order(request: SubscriberRequest, public_id: UUID) -> HttpResponse:
    """Lead to the next step of a draft, or to the page that follows what was sent."""
    found = order_of(request.subscriber, public_id)
    if found.authorisation != Authorisation.ENTITLEMENT:
        raise Http404
    if found.state != OrderState.DRAFT:
        return _follow(found)
    return _to(next_step(standing(found, request.subscriber)), found)


def _to(step: Step, order: Order) -> HttpResponse:
    return redirect(f"enrollment:{step}", public_id=order.public_id)


def _follow(order: Order) -> HttpResponse:
    return redirect("certificates:order", public_id=order.public_id)


def _at(step: Step) -> Callable[[StepView], Callable[..., HttpResponseBase]]:
    """Let in to a step of an own draft; who is too early or too late is led to where the order stands."""

    def decorate(view: StepView) -> Callable[..., HttpResponseBase]:
        @subscriber_required
        @wraps(view)
        def inside(request: SubscriberRequest, public_id: UUID) -> HttpResponseBase:
            found = order_of(request.subscriber, public_id)
            if found.authorisation != Authorisation.ENTITLEMENT:
                raise Http404
            if found.state != OrderState.DRAFT:
                # Keys sent twice get the same order back, and other keys are refused: the service knows which.
                again = step == Step.KEY and request.method == "POST"
                return view(request, found) if again else _follow(found)
            if not may_reach(step, standing(found, request.subscriber)):
                messages.info(request, _("Something before that step is not done yet. Go on here."))
                return _to(Step.ORDER, found)
            return view(request, found)

        return inside

    return decorate


def _page(request: HttpRequest, order: Order, step: Step, context: dict[str, Any]) -> HttpResponse:
    """The page of one step."""
    form = context.get("form")
    whole = {"order": order_sheet(order), "steps": steps(order, step), **context}
    return render(request, f"enrollment/{step}.html", whole, status=422 if form is not None and form.errors else 200)


@_at(Step.DATA)
def data(request: SubscriberRequest, order: Order) -> HttpResponse:
    """Show what was registered; the subscriber says that it is right."""
    if request.method == "POST":
        confirm_data(order=order, actor=request.subscriber.audit_id)
        return _to(Step.ORDER, order)
    context = {"identity": order.identity, "id_number": id_number_of(order.identity) if order.identity else ""}
    return _page(request, order, Step.DATA, context)


@_at(Step.DATA)
def report_error(request: SubscriberRequest, order: Order) -> HttpResponse:
    """Tell the desk what is wrong about the registered data."""
    form = DataErrorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        report_data_error(order=order, subscriber=request.subscriber, text=form.cleaned_data["text"])
        messages.success(
            request, _("Your message is on its way to the registration desk, who will get in touch with you.")
        )
        return redirect("enrollment:home")
    context = {"form": form, "order": order_sheet(order), "steps": steps(order, Step.DATA)}
    return render(request, "enrollment/report_error.html", context, status=422 if form.errors else 200)


@_at(Step.MAILBOX)
def mailbox(request: SubscriberRequest, order: Order) -> HttpResponse:
    """Send the link, and see whether it was opened."""
    now = standing(order, request.subscriber)
    email = order.identity.email if order.identity else ""
    if request.method == "POST":
        if now.mailbox_needed and not now.mailbox_proven:
            send_mailbox_link(subscriber=request.subscriber, email=email)
            messages.success(request, _("The link was sent. Look into your mailbox."))
            return _to(Step.MAILBOX, order)
        return _to(Step.ORDER, order)
    proven = now.mailbox_proven or not now.mailbox_needed
    opened = "opened" in request.GET
    if opened and proven:
        return _to(Step.ORDER, order)
    context = {
        "email": email,
        "proven": proven,
        "opened": opened,
        "link": mailbox_link_open(request.subscriber, email),
    }
    return _page(request, order, Step.MAILBOX, context)


@_at(Step.AGREEMENT)
def agreement(request: SubscriberRequest, order: Order) -> HttpResponse:
    """Show the agreement in force; the subscriber accepts it for this order, and may agree to be listed."""
    language = get_language() or "en"
    text = current_agreement(language)
    form = AgreementForm(request.POST if request.method == "POST" else None, initial={"version": text.version})
    listing = ListingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            accept_agreement(
                subscriber=request.subscriber,
                version=form.cleaned_data["version"],
                language=language,
                purpose=order.audit_id,
            )
        except AgreementChanged as refusal:
            form = AgreementForm(initial={"version": text.version})
            messages.error(request, str(refusal))
        else:
            if listing.is_valid() and listing.cleaned_data["listed"]:
                list_publicly(subscriber=request.subscriber, listed=True)
            return _to(Step.ORDER, order)
    accepted = acceptance_of(request.subscriber, order.audit_id)
    context = {
        "form": form,
        "agreement": text,
        "accepted": accepted,
        # Who agreed before is not asked again: an empty box would look as if it took that back.
        "listing": None if request.subscriber.listed else listing,
    }
    return _page(request, order, Step.AGREEMENT, context)


@_at(Step.KEY)
def key(request: SubscriberRequest, order: Order) -> HttpResponse:
    """The challenge phrase and the keys: made in the page, or a signing request of one's own."""
    needed = len(profile_of(order).templates)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = KeyForm(*sent, needed=needed)
    if request.method == "POST" and form.is_valid():
        submission = Submission(csrs=form.csrs, challenge=form.cleaned_data["challenge"])
        try:
            submit_csr(order=order, subscriber=request.subscriber, submission=submission)
        except CertificateRefusal as refusal:
            form.add_error("challenge" if isinstance(refusal, _CHALLENGE) else None, str(refusal))
        except StepMissing as refusal:
            messages.info(request, str(refusal))
            return _to(Step.ORDER, order)
        except WrongState:
            # Another tab was first, with keys of its own: the order it sent is what both want to see.
            messages.info(
                request, _("This request was sent already, from another tab or device, with the key made there.")
            )
            return _follow(order)
        else:
            return _follow(order)
    return _page(request, order, Step.KEY, {"form": form, **key_page(order)})
