"""Addresses of the certificates' pages."""

from django.urls import path, re_path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("", views.download, name="list"),
    path("view/", views.overview, name="overview"),
    path("bundle/", views.bundle, name="bundle"),
    re_path(r"^(?P<number>[0-9]{10})/$", views.view, name="view"),
    re_path(r"^(?P<number>[0-9]{10})\.(?P<kind>pem|cer|p7b)$", views.file, name="file"),
]
