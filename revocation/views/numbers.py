"""The public page that has the numbers of certificates mailed to their mailbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import PictureWrong, WorkWrong
from accounts.rules import network_address
from revocation.forms.numbers import NumbersForm
from revocation.services.numbers import mail_numbers
from revocation.views.human import check_human, new_puzzle


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: HttpRequest) -> HttpResponse:
    """Take an address; the answer is the same whether certificates belong to it or not."""
    form = NumbersForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            check_human(form)
        except (PictureWrong, WorkWrong) as refusal:
            form.add_error("captcha_1", str(refusal))
        else:
            mail_numbers(email=form.cleaned_data["email"], address=network_address(request.META))
            return render(request, "revocation/numbers_sent.html")
    context = {"form": form, **new_puzzle()}
    return render(request, "revocation/numbers.html", context, status=422 if form.errors else 200)
