"""The background work of renewal: telling holders, and their office, that certificates come to their end."""

from renewal.jobs.escalation import escalate
from renewal.jobs.notices import send_notices

__all__ = ["escalate", "send_notices"]
