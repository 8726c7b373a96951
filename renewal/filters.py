"""What the officers' list can be narrowed to."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LISTED_DAYS = 30  # before the end and after it
_SPANS = {  # name: (days left at least, and at most), its words
    "": ((-LISTED_DAYS, LISTED_DAYS), _("all")),
    "30": ((0, 30), _("at most 30 days left")),
    "14": ((0, 14), _("at most 14 days left")),
    "7": ((0, 7), _("at most 7 days left")),
    "1": ((0, 1), _("at most 1 day left")),
    "ended": ((-LISTED_DAYS, 0), _("ended")),
}


class DueFilter(forms.Form):
    """Of certificates that end or ended: those of an organisation, those with so many days left."""

    organisation = forms.CharField(label=_("Organisation (number or part of its name)"), required=False, max_length=64)
    days = forms.ChoiceField(
        label=_("Days left"), required=False, choices=[(name, words) for name, (_span, words) in _SPANS.items()]
    )

    @property
    def wanted(self) -> dict[str, Any] | None:
        """What is asked for, as the list wants it; None for wrong words, which must not stand for everybody."""
        if not self.is_valid():
            return None
        (least, most), _words = _SPANS[self.cleaned_data["days"]]
        return {
            "organisation": self.cleaned_data["organisation"],
            "least": timedelta(days=least),
            "most": timedelta(days=most),
        }
