"""The address of revocation; it stays."""

from django.urls import path

from revocation import views

app_name = "revocation"

urlpatterns = [path("", views.home, name="home")]
