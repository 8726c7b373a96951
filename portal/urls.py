"""The map of the site. Addresses that others link to stay: see tests/portal/test_urls.py."""

from django.conf import settings
from django.urls import include, path, re_path

from certificates.views import directory
from portal import views
from revocation.views.report import report

urlpatterns = [
    path("", views.home, name="home"),
    path("account/", include("accounts.urls")),
    path("enrollment/", include("enrollment.urls")),
    path("renewal/", include("renewal.urls")),
    path("revocation/", include("revocation.urls")),
    path("certificates/", include("certificates.urls")),
    path("desk/", include("desk.urls")),
    path("search/", directory.search, name="search"),
    re_path(r"^search/(?P<number>[0-9]{10})/$", directory.found, name="found"),
    re_path(r"^search/(?P<number>[0-9]{10})\.(?P<kind>pem|cer|p7b)$", directory.found_file, name="found-file"),
    path("report/", report, name="report"),
    path("practice-statement/", views.practice_statement, name="practice-statement"),
    path("trust/", views.trust, name="trust"),
    path("guides/", views.guides, name="guides"),
    path("forms/", views.forms, name="forms"),
    path("forms/<slug:form>/", views.form_to_print, name="form"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("healthz", views.healthz, name="healthz"),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/mailbox/", views.mailbox, name="demo-mailbox"),
        path("demo/mailbox/<str:name>/", views.mail, name="demo-mail"),
    ]

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.forbidden"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"
