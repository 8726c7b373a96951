"""The operator's page of the outbox: how it stands, and every mail with made-up words."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.states import Role
from accounts.views.access import OfficerRequest, officer_required
from notifications.rules import EVENTS
from notifications.selectors import mail_signing, outbox, preview


@require_safe
@officer_required(Role.OPERATOR)
def mails(request: OfficerRequest) -> HttpResponse:
    """How many mails wait or failed, whether they are signed, and the list of events."""
    context = {"outbox": outbox(), "signing": mail_signing(), "events": sorted(EVENTS)}
    return render(request, "desk/mails.html", context)


@require_safe
@officer_required(Role.OPERATOR)
def mail(request: OfficerRequest, event: str) -> HttpResponse:
    """One mail in the three languages: text and the source of the HTML, both shown as text."""
    if event not in EVENTS:
        raise Http404
    previews = [(code, language, preview(event, code)) for code, language in settings.LANGUAGES]
    return render(request, "desk/mail.html", {"event": event, "previews": previews})
