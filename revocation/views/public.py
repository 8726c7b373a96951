"""The page that is always open: with the challenge phrase, or signed in."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.errors import PictureWrong, WorkWrong
from accounts.models import Subscriber
from accounts.rules import WORK_BITS, network_address
from accounts.selectors import subscriber_of
from accounts.services import new_picture, new_work, use_picture, use_work
from accounts.views.access import SubscriberRequest, subscriber_required
from accounts.views.pictures import picture_addresses
from cases.services import Outsider
from certificates.errors import ChallengeWrong
from certificates.models import Certificate
from certificates.selectors import certificates_of, row
from revocation.errors import RevocationRefusal
from revocation.forms.requests import PhraseForm, WhyForm
from revocation.models import RevocationRequest
from revocation.selectors.finding import own_revocable
from revocation.selectors.requests import own_request, own_requests
from revocation.services import PhraseWish, Wish, request_revocation, request_with_phrase, withdraw_revocation
from revocation.states import Door


@never_cache
def home(request: HttpRequest) -> HttpResponseBase:
    """Who is signed in ticks certificates of their own; everybody else needs the challenge phrase."""
    subscriber = subscriber_of(request.user) if request.user.is_authenticated else None
    if subscriber is not None:
        return _own(request, subscriber)
    return _with_phrase(request)


@require_POST
@subscriber_required
def withdraw(request: SubscriberRequest, reference: str) -> HttpResponseBase:
    """Take back a request of one's own; the certificates are lifted."""
    found = own_request(request.subscriber, reference)
    withdraw_revocation(request=found, subscriber=request.subscriber)
    messages.success(request, _("Your request was withdrawn. What it had suspended is in force again."))
    return redirect("revocation:home")


def _with_phrase(request: HttpRequest) -> HttpResponse:
    form = PhraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _check_human(form)
            made = request_with_phrase(wish=_phrase_wish(form), address=network_address(request.META))
        except (PictureWrong, WorkWrong) as refusal:
            form.add_error("captcha_1", str(refusal))
        except (ChallengeWrong, RevocationRefusal) as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "revocation/sent.html", _outcome(made))
    context = {
        "form": form,
        "picture": picture_addresses(new_picture()),
        "work_challenge": new_work(),
        "work_bits": WORK_BITS,
    }
    return render(request, "revocation/home.html", context, status=422 if form.errors else 200)


def _phrase_wish(form: PhraseForm) -> PhraseWish:
    sent = form.cleaned_data
    return PhraseWish(
        named=sent["named"],
        phrase=sent["phrase"],
        reason=sent["reason"],
        explanation=sent["explanation"],
        pair=sent["scope"] == "pair",
    )


def _check_human(form: PhraseForm) -> None:
    sent = form.cleaned_data
    if sent["work"]:
        use_work(challenge=sent["work_challenge"], nonce=sent["work"])
    else:
        use_picture(key=sent["captcha_0"], digits=sent["captcha_1"])


def _outcome(made: RevocationRequest) -> dict[str, Any]:
    lines = list(made.lines.select_related("certificate"))
    return {
        "reference": made.case.reference,
        "numbers": [line.certificate.number for line in lines],
        "held": [line.certificate.number for line in lines if line.certificate.state == "held"],
        "due_at": made.case.due_at,
    }


def _own(request: HttpRequest, subscriber: Subscriber) -> HttpResponseBase:
    form = WhyForm(request.POST if request.method == "POST" else None)
    numbers = request.POST.getlist("number") if request.method == "POST" else []
    if request.method == "POST" and form.is_valid():
        chosen = _chosen(subscriber, numbers)
        try:
            made = request_revocation(wish=_own_wish(subscriber, chosen, form))
        except RevocationRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "revocation/sent.html", {**_outcome(made), "signed_in": True})
    context = {
        "form": form,
        "rows": [row(one) for one in own_revocable(subscriber)],
        "chosen": numbers,
        "requests": own_requests(subscriber),
    }
    return render(request, "revocation/own.html", context, status=422 if form.errors else 200)


def _chosen(subscriber: Subscriber, numbers: list[str]) -> list[Certificate]:
    """The ticked certificates; somebody else's is not there, like one that does not exist."""
    wanted = set(numbers)
    chosen = [one for one in certificates_of(subscriber) if one.number in wanted]
    if len(chosen) != len(wanted):
        raise Http404
    return chosen


def _own_wish(subscriber: Subscriber, chosen: list[Certificate], form: WhyForm) -> Wish:
    return Wish(
        certificates=chosen,
        door=Door.SIGNED_IN,
        reason=form.cleaned_data["reason"],
        by=Outsider(subscriber.office, subscriber.audit_id),
        explanation=form.cleaned_data["explanation"],
        subscriber=subscriber,
    )
