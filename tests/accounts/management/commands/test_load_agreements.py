"""`manage.py load_agreements`."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.management.commands import load_agreements
from accounts.models import AgreementText
from accounts.selectors import current_agreement

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _ in settings.LANGUAGES]


def load() -> str:
    out = StringIO()
    call_command("load_agreements", stdout=out)
    return out.getvalue()


def test_the_texts_of_this_release_are_loaded_once() -> None:
    assert load().count("loaded") == len(LANGUAGES)
    assert load() == ""
    for language in LANGUAGES:
        assert current_agreement(language).version == 1


def test_the_three_texts_have_the_same_chapters() -> None:
    load()
    english, portuguese = current_agreement("en").text, current_agreement("pt").text
    chinese = current_agreement("zh-hant").text
    for number, sign in enumerate("一二三四五六七八九十", start=1):
        assert f"\n{number}. " in english
        assert f"\n{number}. " in portuguese
        assert f"\n{sign}、" in chinese


def test_a_text_changed_under_its_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    folder = tmp_path / "1"
    folder.mkdir()
    for language in LANGUAGES:
        (folder / f"{language}.txt").write_text("changed", encoding="utf-8")
    monkeypatch.setattr(load_agreements, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match="another text"):
        load()


def test_a_missing_language_loads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "2"
    folder.mkdir()
    (folder / f"{LANGUAGES[0]}.txt").write_text("new", encoding="utf-8")
    monkeypatch.setattr(load_agreements, "FOLDER", tmp_path)
    with pytest.raises(CommandError):
        load()
    assert not AgreementText.objects.exists()
