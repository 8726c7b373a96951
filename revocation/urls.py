"""The address of revocation; it stays."""

from django.urls import path

from revocation.views import public

app_name = "revocation"

urlpatterns = [path("", public.home, name="home")]
