"""The addresses of the desk."""

from django.urls import path

from desk.views import mails, queue
from enrollment.urls import officer_patterns as enrollment_patterns
from renewal.urls import officer_patterns as renewal_patterns
from revocation.urls import officer_patterns as revocation_patterns

app_name = "desk"

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("cases/approve/", queue.decide_many, name="decide-many"),
    path("cases/<str:reference>/", queue.case, name="case"),
    path("mails/", mails.mails, name="mails"),
    path("mails/<slug:event>/", mails.mail, name="mail"),
    *enrollment_patterns,
    *renewal_patterns,
    *revocation_patterns,
]
