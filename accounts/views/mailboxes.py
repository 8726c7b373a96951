"""The page behind the link in a mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.errors import MailboxLinkRefused


@sensitive_variables("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox(request: HttpRequest, token: str) -> HttpResponse:
    """One button. Opening the link proves nothing, since mail scanners open links too; pressing the button does."""
    try:
        proof, proven = services.find_mailbox_link(token=token), False
        if request.method == "POST":
            press = services.change_email if proof.changes_email else services.prove_mailbox
            proof, proven = press(token=token), True
    except MailboxLinkRefused as refusal:
        return render(request, "accounts/mailbox_refused.html", {"refusal": refusal}, status=410)
    template = "accounts/email_change.html" if proof.changes_email else "accounts/mailbox.html"
    return render(request, template, {"proof": proof, "proven": proven})
