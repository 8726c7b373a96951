"""How every form is rendered: label, help and error belong to the control, the summary leads to the fields."""

import re

from django import forms
from django.template.loader import render_to_string


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="As on paper", widget=forms.TextInput(attrs={"class": "mono"}))
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    place = forms.ChoiceField(label="Place", choices=[("x", "X")])
    sure = forms.BooleanField(label="Sure")
    token = forms.CharField(widget=forms.HiddenInput)


def rendered(data: dict[str, str] | None) -> str:
    return render_to_string("forms/fields.html", {"form": Sample(data)})


def test_controls_carry_the_classes_of_the_site() -> None:
    page = rendered(None)
    assert re.search(r'<input type="text" name="name" class="form-control mono"', page)
    assert '<textarea name="note" class="form-control"' in page
    assert '<select name="place" class="form-select"' in page
    assert len(re.findall(r'<input type="radio" name="kind" class="form-check-input"', page)) == 2
    assert '<input type="checkbox" name="sure" class="form-check-input"' in page
    assert re.search(r'<input type="hidden" name="token"(?! class)', page)


def test_help_and_error_are_said_with_the_control() -> None:
    page = rendered({"name": ""})
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_helptext"' in page
    assert 'id="id_name_error"' in page
    assert 'aria-invalid="true"' in page


def test_the_summary_leads_to_each_field_that_exists() -> None:
    page = rendered({"name": ""})
    summary = re.search(r'<div class="error-summary".*?</div>', page, re.S)
    assert summary
    assert 'role="alert" tabindex="-1"' in summary[0]
    targets = re.findall(r'href="#([^"]+)"', summary[0])
    assert targets == ["id_name", "id_kind", "id_place", "id_sure"]
    assert all(f'id="{target}"' in page for target in targets)


def test_a_form_without_errors_has_no_summary() -> None:
    assert "error-summary" not in rendered(None)


def test_a_field_that_may_stay_empty_says_so() -> None:
    assert re.search(
        r'<label class="form-label" for="id_note">Note\s*<span class="fw-normal">\(optional\)', rendered(None)
    )


def test_an_address_stays_text() -> None:
    page = render_to_string("forms/fields.html", {"form": Sample({"name": '"><script>x</script>'})})
    assert "<script>x" not in page
