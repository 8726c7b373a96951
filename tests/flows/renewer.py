"""Somebody who renews, in front of their browser."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from ca.csr import parse_csr
from certificates.models import Certificate, Order
from tests.certificates.making import Key, new_key
from tests.flows import journey
from tests.flows.journey import Applicant, pem, post
from tests.renewal.making import signed


@dataclass
class Renewer:
    """Somebody whose pair was issued, in front of their browser, with their keys."""

    account: str
    keys: list[Key] = field(default_factory=lambda: [new_key(), new_key()])
    client: Client = field(default_factory=Client)

    def enrol(self, client: Client) -> Order:
        """Walk from the entitlement to the pair, with the mailbox proven on the way."""
        applicant = Applicant(client)
        applicant.begin("personal")
        applicant.confirm()
        applicant.prove_mailbox()
        applicant.agree()
        assert applicant.send(pem(self.keys[0]), pem(self.keys[1])).status_code == 302
        return applicant.have_signed()

    def come_back(self) -> None:
        """Sign in at the door, as months later."""
        self.client, answer = journey.signed_in(self.account, journey.NEW_PASSWORD)
        assert answer.status_code == 302, answer.content.decode()

    def offers(self) -> list[Any]:
        """What the renewal page lists."""
        return list(self.client.get(reverse("renewal:home")).context["offers"])

    def begin(self, old: Order) -> str:
        """Press the button of a pair; gives back the address of its page."""
        return str(post(self.client, reverse("renewal:start", args=[old.public_id]))["Location"])

    def prove_mailbox(self, page: str) -> None:
        """Have the link sent, take it from the mail, open it in another browser, press its button."""
        assert post(self.client, f"{page}mailbox/")["Location"] == page
        link = re.search(r"http\S+", journey.mails_sent()[-1].body)
        assert link
        assert Client().post("/" + link[0].split("/", 3)[3]).status_code in (200, 302)

    def send(self, page: str, csrs: list[str], **changes: Any) -> Any:
        """Send the page as it stands, with these requests and the challenge phrase or a proof."""
        version = self.client.get(page).context["form"]["version"].value()
        form = {"version": version, "accept": "on", "csr": csrs, "key_source": "own"}
        return post(self.client, page, {**form, "proof_kind": "phrase", "phrase": journey.PHRASE, **changes})

    def proof(self, page: str, csrs: list[str]) -> dict[str, str]:
        """What the script of the page makes with the old signing key."""
        nonce = post(self.client, f"{page}nonce/").json()
        lines = [f"csr-sha256: {hashlib.sha256(parse_csr(one.encode()).der).hexdigest()}" for one in csrs]
        lines += [f"nonce: {nonce['nonce']}", f"time: {nonce['time']}"]
        content = nonce["statement_head"] + "".join(f"{line}\n" for line in lines)
        signer = Certificate.objects.get(number=self.client.get(page).context["signer"]["number"])
        proof = base64.b64encode(signed(content.encode(), self.keys[0], signer)).decode()
        return {"proof_kind": "signature", "proof": proof, "phrase": ""}


def certificates(order: Order) -> list[Certificate]:
    """The certificates of an order, signing before encryption."""
    return list(Certificate.objects.filter(item__order=order).order_by("item__position"))
