"""The check of the translations bites."""

from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command

from portal.management import texts
from tests.judges import judge


def source(*english: str) -> polib.POFile:
    file = polib.POFile()
    file.extend(polib.POEntry(msgid=text) for text in english)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = texts.catalogue("pt", tmp_path)
    file.parent.mkdir(parents=True)
    merged = texts.merge(polib.POFile(), source("Sign in", "Hello %(name)s"), "pt")
    merged.find("Sign in").msgstr = "Iniciar sessão"
    merged.find("Hello %(name)s").msgstr = "Olá %(name)s"
    write(merged, file)
    return tmp_path


def write(entries: polib.POFile, file: Path) -> None:
    entries.save(str(file))
    file.with_suffix(".mo").write_bytes(texts.compiled(file))


def change(folder: Path, msgid: str, **values: object) -> None:
    file = texts.catalogue("pt", folder)
    entries = polib.pofile(str(file))
    entry = entries.find(msgid)
    assert entry
    for name, value in values.items():
        setattr(entry, name, value)
    write(entries, file)


def found(folder: Path, sources: polib.POFile | None = None) -> str:
    return "\n".join(texts.faults("pt", sources, folder))


def test_a_finished_language_has_no_fault(folder: Path) -> None:
    assert found(folder, source("Sign in", "Hello %(name)s")) == ""


def test_an_untranslated_text_is_found(folder: Path) -> None:
    change(folder, "Sign in", msgstr="")
    assert "not translated: 'Sign in'" in found(folder)


def test_a_guessed_text_is_found(folder: Path) -> None:
    change(folder, "Sign in", flags=["fuzzy"])
    assert "fuzzy: 'Sign in'" in found(folder)


def test_a_lost_placeholder_is_found(folder: Path) -> None:
    change(folder, "Hello %(name)s", msgstr="Olá")
    assert "other placeholders" in found(folder)


def test_a_stale_compiled_file_is_found(folder: Path) -> None:
    file = texts.catalogue("pt", folder)
    old = file.with_suffix(".mo").read_bytes()
    change(folder, "Sign in", msgstr="Entrar")
    file.with_suffix(".mo").write_bytes(old)
    assert "make messages" in found(folder)


def test_a_text_that_nobody_collected_is_found(folder: Path) -> None:
    assert "not in the file yet: 'New'" in found(folder, source("Sign in", "Hello %(name)s", "New"))


def test_a_text_that_is_gone_from_the_sources_is_found(folder: Path) -> None:
    assert "no longer in the sources: 'Sign in'" in found(folder, source("Hello %(name)s"))


def test_a_plural_needs_each_of_its_forms(folder: Path) -> None:
    sources = polib.POFile()
    sources.append(polib.POEntry(msgid="%(n)d day", msgid_plural="%(n)d days", msgstr_plural={0: "", 1: ""}))
    file = texts.catalogue("pt", folder)
    merged = texts.merge(polib.POFile(), sources, "pt")
    merged[0].msgstr_plural = {0: "%(n)d dia"}
    write(merged, file)
    assert "not translated" in found(folder)
    merged[0].msgstr_plural = {0: "%(n)d dia", 1: "%(n)d dias"}
    write(merged, file)
    assert found(folder) == ""


def test_merging_keeps_translations_and_invents_none() -> None:
    old = source("Sign in", "Gone")
    old[0].msgstr = "Iniciar sessão"
    merged = texts.merge(old, source("Sign in", "Sign inn"), "pt")
    assert [(entry.msgid, entry.msgstr, entry.flags) for entry in merged] == [
        ("Sign in", "Iniciar sessão", []), ("Sign inn", "", []),
    ]  # fmt: skip


def test_without_gettext_a_run_that_counts_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "can_collect", lambda: False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(CommandError, match="gettext is missing"):
        call_command("check_texts")


def test_a_text_planted_in_the_sources_is_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    judge("msgfmt")  # xgettext comes with it
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}{% translate "Planted" %}')
    settings.LOCALE_PATHS = [tmp_path / "locale"]  # type: ignore[attr-defined]  # pytest-django's fixture
    monkeypatch.chdir(tmp_path)
    assert [entry.msgid for entry in texts.collect()] == ["Planted"]


def test_every_text_of_the_site_is_translated() -> None:
    for language in texts.PLURALS:
        assert list(texts.faults(language, None)) == []


def test_compiling_brings_the_files_up_to_the_sources(
    folder: Path, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    settings.LOCALE_PATHS = [folder]  # type: ignore[attr-defined]  # pytest-django's fixture
    monkeypatch.setattr(texts, "can_collect", lambda: True)
    monkeypatch.setattr(texts, "collect", lambda: source("Sign in", "New"))
    monkeypatch.delenv("CI", raising=False)
    call_command("compile_texts")
    entries = polib.pofile(str(texts.catalogue("pt", folder)))
    assert [(entry.msgid, entry.msgstr) for entry in entries] == [("New", ""), ("Sign in", "Iniciar sessão")]
    assert texts.catalogue("zh_Hant", folder).with_suffix(".mo").exists()
    with pytest.raises(CommandError, match="not translated: 'New'"):
        call_command("check_texts")


def test_without_gettext_nothing_is_forgotten(
    folder: Path, monkeypatch: pytest.MonkeyPatch, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LOCALE_PATHS = [folder]  # type: ignore[attr-defined]  # pytest-django's fixture
    texts.catalogue("zh_Hant", folder).parent.mkdir(parents=True)
    write(texts.merge(polib.POFile(), source(), "zh_Hant"), texts.catalogue("zh_Hant", folder))
    monkeypatch.setattr(texts, "can_collect", lambda: False)
    monkeypatch.delenv("CI", raising=False)
    call_command("compile_texts")
    call_command("check_texts")
    assert "gettext is not here" in capsys.readouterr().out
    assert len(polib.pofile(str(texts.catalogue("pt", folder)))) == 2
