"""Addresses of the certificates' pages."""

from django.urls import path, re_path

from certificates.views import orders, subscriber

app_name = "certificates"
urlpatterns = [
    path("", subscriber.download, name="list"),
    path("view/", subscriber.overview, name="overview"),
    path("bundle/", subscriber.bundle, name="bundle"),
    path("orders/<uuid:public_id>/", orders.order, name="order"),
    path("orders/<uuid:public_id>/status/", orders.status, name="order-status"),
    re_path(r"^(?P<number>[0-9]{10})/$", subscriber.view, name="view"),
    re_path(r"^(?P<number>[0-9]{10})\.(?P<kind>pem|cer|p7b)$", subscriber.file, name="file"),
]
