"""Writing a mail."""

import json

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from notifications.models import Message
from notifications.rules import SECRETS
from vault.values import unseal


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail itself: text and HTML in the recipient's language, under the row's lasting Message-ID."""
    secrets = json.loads(unseal(message.secrets, SECRETS)) if message.secrets else {}
    context = {**message.context, **secrets}
    with translation.override(message.language):
        subject = render_to_string(f"notifications/{message.event}.subject.txt", context).strip()
        text = render_to_string(f"notifications/{message.event}.txt", context)
        html = render_to_string(f"notifications/{message.event}.html", context)
    mail = EmailMultiAlternatives(subject, text, to=[message.address], headers={"Message-ID": message.message_id})
    mail.attach_alternative(html, "text/html")
    return mail
