"""The public page that asks for a new slip."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.errors import PictureWrong, WorkWrong
from accounts.rules import WORK_BITS, network_address
from accounts.services import new_picture, new_work, use_picture, use_work
from accounts.views.pictures import picture_addresses
from enrollment.forms import ResetWishForm
from enrollment.services import wish_reset


@never_cache
def wish(request: HttpRequest) -> HttpResponse:
    """Take the wish; the answer is the same whether there is such an account or not."""
    form = ResetWishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _check_human(form)
        except (PictureWrong, WorkWrong) as refusal:
            form.add_error("captcha_1", str(refusal))
        else:
            wish_reset(account_number=form.cleaned_data["username"], address=network_address(request.META))
            return render(request, "enrollment/reset_wished.html")
    context = {
        "form": form,
        "picture": picture_addresses(new_picture()),
        "work_challenge": new_work(),
        "work_bits": WORK_BITS,
    }
    return render(request, "enrollment/reset_wish.html", context, status=422 if form.errors else 200)


def _check_human(form: ResetWishForm) -> None:
    sent = form.cleaned_data
    if sent["work"]:
        use_work(challenge=sent["work_challenge"], nonce=sent["work"])
    else:
        use_picture(key=sent["captcha_0"], digits=sent["captcha_1"])
