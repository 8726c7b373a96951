"""The holder's way to the next certificate: what can be renewed, and one page that renews it."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import AgreementChanged
from accounts.selectors import current_agreement, mailbox_link_open, mailbox_proven, subscriber_of
from accounts.services import send_mailbox_link
from accounts.views.access import SubscriberRequest, subscriber_required
from audit.errors import WrongState
from ca.errors import Refusal
from certificates.errors import (
    CertificateRefusal,
    ChallengeNotAllowed,
    ChallengeTooLong,
    ChallengeTooShort,
    ChallengeWrong,
)
from certificates.models import Order
from certificates.reasons import explain
from certificates.selectors import key_page, order_sheet, profile_of, row
from certificates.services import Submission
from certificates.states import OrderState
from renewal.errors import DataChanged, MailboxNotProven, ProofRefused, RenewalRefusal
from renewal.forms import RenewalForm
from renewal.rules import in_words
from renewal.selectors.offers import draft_of, id_number_of, offers, order_to_renew, signer_among, to_be_renewed
from renewal.services import renewing
from renewal.services.proofs import Proof, new_nonce
from renewal.services.renewing import Wish

_Refused = RenewalRefusal | CertificateRefusal | Refusal

# Which field of the form a refusal belongs to.
_FIELDS: Final[dict[type[Exception], str]] = {
    ChallengeWrong: "phrase",
    ChallengeNotAllowed: "challenge",
    ChallengeTooLong: "challenge",
    ChallengeTooShort: "challenge",
}


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """To a visitor how renewal goes and the door; to a subscriber what they can renew."""
    if not request.user.is_authenticated or subscriber_of(request.user) is None:
        return render(request, "renewal/home.html")
    return _own_home(request)


@subscriber_required
def _own_home(request: SubscriberRequest) -> HttpResponse:
    return render(request, "renewal/home.html", {"offers": offers(request.subscriber)})


@require_http_methods(["GET", "HEAD", "POST"])
@subscriber_required
def start(request: SubscriberRequest, public_id: UUID) -> HttpResponse:
    """Begin to renew the certificates of an order, or go on where it was left."""
    old = order_to_renew(request.subscriber, public_id)
    if request.method != "POST":
        return redirect("renewal:home")  # somebody came back to an address that only a button opens
    try:
        draft = renewing.open_renewal(subscriber=request.subscriber, old=old)
    except RenewalRefusal as refusal:
        return _home_with(request, refusal)
    return _page_of(draft)


@require_http_methods(["GET", "HEAD", "POST"])
@subscriber_required
def renew(request: SubscriberRequest, public_id: UUID) -> HttpResponse:
    """Everything on one page: data, agreement, proof, keys. Sent, it leads to the page that follows the order."""
    order = draft_of(request.subscriber, public_id)
    needed = len(profile_of(order).templates)
    language = get_language() or "en"
    if request.method == "POST":
        form = RenewalForm(request.POST, request.FILES, needed=needed)
        answer = _sent(request, order, form) if form.is_valid() else None
        if answer is not None:
            return answer
    else:
        form = RenewalForm(needed=needed, initial={"version": current_agreement(language).version})
    if order.state != OrderState.DRAFT:
        return _follow(order)
    try:
        return _page(request, order, form)
    except RenewalRefusal as refusal:
        return _home_with(request, refusal)


@require_POST
@subscriber_required
def nonce(request: SubscriberRequest, public_id: UUID) -> JsonResponse:
    """A random value for the page's script, which signs it together with what is renewed."""
    order = draft_of(request.subscriber, public_id)
    made = new_nonce(order=order, subscriber=request.subscriber)
    return JsonResponse({"nonce": made.value, "time": in_words(made.made_at), "statement_head": made.head})


@require_POST
@subscriber_required
def mailbox(request: SubscriberRequest, public_id: UUID) -> HttpResponse:
    """Send the link that proves the mailbox again."""
    order = draft_of(request.subscriber, public_id)
    email = order.identity.email if order.identity else ""
    asked = order.state == OrderState.DRAFT and profile_of(order).mailbox_proof
    if asked and not mailbox_proven(request.subscriber, email):
        send_mailbox_link(subscriber=request.subscriber, email=email)
        messages.success(request, _("The link was sent. Look into your mailbox."))
    return _page_of(order)


def _sent(request: SubscriberRequest, order: Order, form: RenewalForm) -> HttpResponse | None:
    """Where to go once the form was taken or cannot be; None where the form itself says what is wrong with it."""
    submission = Submission(csrs=form.csrs, challenge=form.cleaned_data["challenge"])
    by_signature = bool(form.signature)
    wish = Wish(
        submission=submission,
        agreement=form.cleaned_data["version"],
        language=get_language() or "en",
        proof=Proof(signature=form.signature, phrase="" if by_signature else form.cleaned_data["phrase"]),
    )
    try:
        renewing.renew(order=order, subscriber=request.subscriber, wish=wish)
    except WrongState:
        # Another tab was first, with keys of its own: the order it sent is what both want to see.
        messages.info(request, _("This request was sent already, from another tab or device, with the key made there."))
    except (DataChanged, MailboxNotProven, AgreementChanged) as refusal:
        messages.error(request, str(refusal))
        return _page_of(order)
    except (RenewalRefusal, CertificateRefusal, Refusal) as refusal:
        order.refresh_from_db(fields=["state"])
        if order.state == OrderState.DRAFT:  # else the same form came twice, and its first copy was taken
            return _refused(request, form, refusal)
    return _follow(order)


def _refused(request: HttpRequest, form: RenewalForm, refusal: _Refused) -> HttpResponse | None:
    if isinstance(refusal, RenewalRefusal) and not isinstance(refusal, ProofRefused):
        return _home_with(request, refusal)
    form.add_error(_FIELDS.get(type(refusal)), _words(refusal))
    return None


def _words(refusal: _Refused) -> str:
    return str(explain(refusal.code)) if isinstance(refusal, Refusal) else str(refusal)


def _page(request: SubscriberRequest, order: Order, form: RenewalForm) -> HttpResponse:
    assert order.renews is not None  # noqa: S101 - tells the type checker what every renewal has
    renewing.check_renewable(order.renews)
    renewing.bring_up_to_date(order=order, subscriber=request.subscriber)
    assert order.identity is not None  # noqa: S101 - the same
    old = to_be_renewed(order.renews)
    signer = signer_among(old)
    email, needed = order.identity.email, profile_of(order).mailbox_proof
    context: dict[str, Any] = {
        "order": order_sheet(order),
        "identity": order.identity,
        "id_number": id_number_of(order.identity),
        "mailbox_needed": needed,
        "mailbox_proven": needed and mailbox_proven(request.subscriber, email),
        "email": email,
        "link": mailbox_link_open(request.subscriber, email),
        "opened": "opened" in request.GET,
        "agreement": current_agreement(get_language() or "en"),
        **key_page(order),
        "old": [row(one) for one in old],
        "signer": row(signer) if signer else None,
        "nonce_url": reverse("renewal:nonce", args=[order.public_id]),
        "form": form,
    }
    return render(request, "renewal/renew.html", context, status=422 if form.errors else 200)


def _page_of(order: Order) -> HttpResponse:
    return redirect("renewal:renew", public_id=order.public_id)


def _follow(order: Order) -> HttpResponse:
    return redirect("certificates:order", public_id=order.public_id)


def _home_with(request: HttpRequest, refusal: RenewalRefusal) -> HttpResponse:
    """Back to what can be renewed, which says it of each certificate, with the reason on top."""
    messages.error(request, str(refusal))
    return redirect("renewal:home")
