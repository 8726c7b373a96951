"""The acts of enrollment."""

from enrollment.services.application import open_application, report_data_error, submit_csr
from enrollment.services.registration import decide_registration, register
from enrollment.services.reset import decide_reset, request_reset, wish_reset
from enrollment.services.slips import PrintedSlip, print_slip

__all__ = [
    "PrintedSlip",
    "decide_registration",
    "decide_reset",
    "open_application",
    "print_slip",
    "register",
    "report_data_error",
    "request_reset",
    "submit_csr",
    "wish_reset",
]
