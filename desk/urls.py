"""The addresses of the desk."""

from django.urls import path

from desk import views
from enrollment.urls import officer_patterns

app_name = "desk"

urlpatterns = [
    path("", views.queue, name="queue"),
    path("cases/<str:reference>/", views.case, name="case"),
    *officer_patterns,
]
