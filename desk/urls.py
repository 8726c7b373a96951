"""The addresses of the desk."""

from django.urls import path

from desk.views import queue
from enrollment.urls import officer_patterns

app_name = "desk"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("cases/<str:reference>/", queue.case, name="case"),
    *officer_patterns,
]
