"""The site's addresses as the demo has them."""

from django.urls import path

from portal import views
from portal.urls import urlpatterns as site_patterns

urlpatterns = [
    *site_patterns,
    path("demo/mailbox/", views.mailbox, name="demo-mailbox"),
    path("demo/mailbox/<str:name>/", views.mail, name="demo-mail"),
]
