"""The addresses of enrollment: the subscriber's under /enrollment/, the officers' under /desk/ (see desk.urls)."""

from django.urls import path

from enrollment.views import officer, reset, subscriber

app_name = "enrollment"

_ORDER = "orders/<uuid:public_id>/"

urlpatterns = [
    path("", subscriber.home, name="home"),
    path("reset/", reset.wish, name="reset-wish"),
    path("start/<uuid:public_id>/", subscriber.start, name="start"),
    path(_ORDER, subscriber.order, name="order"),
    path(f"{_ORDER}data/", subscriber.data, name="data"),
    path(f"{_ORDER}report-error/", subscriber.report_error, name="report-error"),
    path(f"{_ORDER}mailbox/", subscriber.mailbox, name="mailbox"),
    path(f"{_ORDER}agreement/", subscriber.agreement, name="agreement"),
    path(f"{_ORDER}key/", subscriber.key, name="key"),
]

officer_patterns = [
    path("register/", officer.register, name="register"),
    path("slips/", officer.slips, name="slips"),
    path("slips/print/", officer.print_slips, name="print-slip"),
    path("reset/", officer.reset, name="reset"),
]
