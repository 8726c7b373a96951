"""Showing that no program fills in a public form: picture digits, or a calculation instead."""

from typing import Any

from accounts.forms import DoorForm
from accounts.rules import WORK_BITS
from accounts.services import new_picture, new_work, use_picture, use_work
from accounts.views.pictures import picture_addresses


def check_human(form: DoorForm) -> None:
    """Use up the picture or the calculation, whichever was sent. Raises `PictureWrong`, `WorkWrong`."""
    sent = form.cleaned_data
    if sent["work"]:
        use_work(challenge=sent["work_challenge"], nonce=sent["work"])
    else:
        use_picture(key=sent["captcha_0"], digits=sent["captcha_1"])


def new_puzzle() -> dict[str, Any]:
    """A new picture and a new calculation, as `accounts/_captcha.html` shows them."""
    return {"picture": picture_addresses(new_picture()), "work_challenge": new_work(), "work_bits": WORK_BITS}
