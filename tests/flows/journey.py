"""The journey from the counter to the certificate, through the real pages, as people walk it."""

import re
from dataclasses import dataclass, field
from typing import Any

from captcha.models import CaptchaStore
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Officer
from certificates.jobs import issue_orders
from certificates.models import Order
from notifications.jobs import deliver
from notifications.models import Message
from notifications.states import MessageState
from tests.certificates.making import Key, csr
from tests.factories import PASSWORD, code_of

NEW_PASSWORD = "meadow-Lantern-42-quiet"
PHRASE = "My Challenge phrase 7"


def pem(key: Key | None = None) -> str:
    """A signing request as somebody pastes it, for this key or a new one."""
    return csr(key).decode()


def post(client: Client, address: str, data: Any = None, **extra: Any) -> Any:
    """Send a form; gives back the answer, which must not be a crash."""
    answer = client.post(address, data or {}, **extra)
    assert answer.status_code < 500, answer.content
    return answer


def picture() -> dict[str, str]:
    """The digits of a fresh picture, as somebody with eyes types them."""
    key = CaptchaStore.generate_key()
    return {"captcha_0": key, "captcha_1": CaptchaStore.objects.get(hashkey=key).response}


def officer_at_desk(who: Officer) -> Client:
    """An officer who signed in with password, picture digits and one-time code."""
    client = Client()
    door = {"username": who.account.username, "password": PASSWORD, **picture()}
    answer = post(client, reverse("accounts:officer-sign-in"), door)
    assert answer.status_code == 302, answer.content.decode()
    answer = post(client, answer["Location"], {"code": code_of(who)})
    assert answer.status_code == 302, answer.content.decode()
    return client


REGISTRATION = {
    "kind": "personal",
    "id_number": "1234567(8)",
    "given_name": "Mei",
    "family_name": "Chan",
    "name_chinese": "陳美",
    "email": "mei.chan@example.org",
    "country": "MO",
    "language": "en",
    "profiles": ["personal", "secure-email"],
    "documents_seen": ["form", "identity"],
}


def registered(client: Client, **changes: Any) -> str:
    """Enter an applicant; gives back the reference of the case."""
    answer = post(client, reverse("desk:register"), {**REGISTRATION, **changes})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"].rstrip("/").rpartition("/")[2])


def decided(client: Client, reference: str, decision: str = "approve", reason: str = "") -> Any:
    """Decide a case as its page offers it."""
    address = reverse("desk:case", args=[reference])
    revision = client.get(address).context["form"]["revision"].value()
    return post(client, address, {"revision": revision, "decision": decision, "reason": reason})


def printed(client: Client) -> tuple[str, str]:
    """Print every slip that is due; gives back account and passcode of the first."""
    due = [line["slip"].pk for line in client.get(reverse("desk:slips")).context["due"]]
    answer = post(client, reverse("desk:print-slip"), {"slip": due})
    assert answer.status_code == 200
    page = answer.content.decode()
    account = re.search(r'class="slip-account">([A-Z0-9-]+)<', page)
    passcode = re.search(r'class="slip-secret">([A-Z0-9-]+)<', page)
    assert account, page
    assert passcode, page
    return account[1], passcode[1]


def signed_in(account: str, password: str) -> tuple[Client, Any]:
    """A subscriber at the door; gives back their browser and the answer."""
    client = Client()
    return client, post(client, reverse("accounts:sign-in"), {"username": account, "password": password, **picture()})


def mails_sent() -> list[Any]:
    """Have every waiting message delivered; gives back all mails of the test."""
    for message in Message.objects.filter(state=MessageState.QUEUED).order_by("pk"):
        deliver(message.pk)
    return mail.outbox


@dataclass
class Applicant:
    """A subscriber in front of their browser."""

    client: Client
    order: str = field(default="")

    def address(self, page: str) -> str:
        """Where a page of the order is."""
        following = {"order": "certificates:order", "status": "certificates:order-status"}
        return reverse(following.get(page, f"enrollment:{page}"), args=[self.order])

    def begin(self, profile: str) -> None:
        """Press the button of an entitlement."""
        offers = self.client.get(reverse("enrollment:home")).context["offers"]
        entitlement = next(one.entitlement for one in offers if one.entitlement.profile == profile)
        answer = post(self.client, reverse("enrollment:start", args=[entitlement.public_id]))
        assert answer.status_code == 302, answer.content.decode()
        self.order = answer["Location"].rstrip("/").rpartition("/")[2]

    def here(self) -> str:
        """The page that the order leads to."""
        return str(self.client.get(reverse("enrollment:order", args=[self.order]))["Location"])

    def confirm(self) -> None:
        """Say that the data are right."""
        assert post(self.client, self.address("data")).status_code == 302

    def prove_mailbox(self) -> None:
        """Have the link sent, take it from the mail, open it in another browser, press its button."""
        assert post(self.client, self.address("mailbox")).status_code == 302
        link = re.search(r"http\S+", mails_sent()[-1].body)
        assert link
        path = "/" + link[0].split("/", 3)[3]
        assert Client().get(path).status_code == 200
        assert Client().post(path).status_code in (200, 302)

    def agree(self) -> None:
        """Tick the agreement."""
        version = self.client.get(self.address("agreement")).context["form"]["version"].value()
        answer = post(self.client, self.address("agreement"), {"version": version, "accept": "on"})
        assert answer.status_code == 302, answer.content.decode()

    def send(self, *csrs: str, phrase: str = PHRASE, **extra: Any) -> Any:
        """Send signing requests with the challenge phrase."""
        data = {"challenge": phrase, "challenge_again": phrase, "csr": list(csrs), "key_source": "own", **extra}
        return post(self.client, self.address("key"), data)

    def have_signed(self) -> Order:
        """Let the worker do its work."""
        issue_orders([Order.objects.get(public_id=self.order).pk])
        return Order.objects.get(public_id=self.order)
