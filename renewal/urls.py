"""The addresses of renewal: the holders', whose home stays, as letters and calendars lead there, and the desk's."""

from django.urls import path

from renewal.views import officer, subscriber

app_name = "renewal"

urlpatterns = [
    path("", subscriber.home, name="home"),
    path("start/<uuid:public_id>/", subscriber.start, name="start"),
    path("<uuid:public_id>/", subscriber.renew, name="renew"),
    path("<uuid:public_id>/nonce/", subscriber.nonce, name="nonce"),
    path("<uuid:public_id>/mailbox/", subscriber.mailbox, name="mailbox"),
]

officer_patterns = [path("renewals/", officer.renewals, name="renewals")]  # under /desk/, see desk.urls
