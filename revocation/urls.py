"""The addresses of revocation: the public's under /revocation/, the officers' under /desk/ (see desk.urls)."""

from django.urls import path

from revocation.views import closing, numbers, officer, public

app_name = "revocation"

urlpatterns = [
    path("", public.home, name="home"),
    path("numbers/", numbers.numbers, name="numbers"),
    path("close/", closing.close, name="close"),
    path("requests/<str:reference>/withdraw/", public.withdraw, name="withdraw"),
]

officer_patterns = [
    path("revoke/", officer.revoke, name="revoke"),
]
