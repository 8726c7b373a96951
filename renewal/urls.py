"""The addresses of renewal for holders; its home stays, as letters and calendars lead there."""

from django.urls import path

from renewal.views import subscriber

app_name = "renewal"

urlpatterns = [
    path("", subscriber.home, name="home"),
    path("start/<uuid:public_id>/", subscriber.start, name="start"),
    path("<uuid:public_id>/", subscriber.renew, name="renew"),
    path("<uuid:public_id>/nonce/", subscriber.nonce, name="nonce"),
    path("<uuid:public_id>/mailbox/", subscriber.mailbox, name="mailbox"),
]
