"""The texts in locale/: collected from the sources, merged into each language, compiled, and judged.

The .po files are written by translators, the .mo files are made from them and committed, so that installing needs
no gettext. Nothing here guesses: a changed English text is a new one, never a "fuzzy" old one.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import polib
from django.conf import settings
from django.core.management.commands import makemessages

PLURALS = {"zh_Hant": "nplurals=1; plural=0;", "pt": "nplurals=2; plural=(n != 1);"}
NOT_OURS = [".venv", ".cache", "var", "tests", "frontend", "deploy", "docs"]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


class _Collector(makemessages.Command):
    """Django's own collector, stopped before it writes any language."""

    collected: polib.POFile

    def build_potfiles(self) -> list[str]:
        """Keep what was found; Django removes the file."""
        files: list[str] = super().build_potfiles()
        self.collected = polib.pofile(files[0])
        return files

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Leave the languages alone: msgmerge would guess."""


def can_collect() -> bool:
    """Whether gettext is on this machine."""
    return which("xgettext") is not None and which("msguniq") is not None


def collect() -> polib.POFile:
    """Every text of the sources, from the working directory down."""
    collector = _Collector()
    options: dict[str, Any] = {
        "locale": list(PLURALS),
        "ignore_patterns": NOT_OURS,
        "no_location": True,
        "verbosity": 0,
        "extensions": ["html", "txt", "py"],
    }
    parser = collector.create_parser("manage.py", "makemessages")
    collector.execute(**{**vars(parser.parse_args([])), **options})
    return collector.collected


def catalogue(language: str, folder: Path | None = None) -> Path:
    """Where the texts of a language stand."""
    return (folder or Path(settings.LOCALE_PATHS[0])) / language / "LC_MESSAGES" / "django.po"


def merge(old: polib.POFile, sources: polib.POFile, language: str) -> polib.POFile:
    """The texts of the sources with the translations there are, in the order of the English words."""
    merged = polib.POFile(wrapwidth=110)
    merged.metadata = {
        "Project-Id-Version": "sigillum",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    known = {_key(entry): entry for entry in old}
    for entry in sorted(sources, key=lambda entry: (entry.msgid.casefold(), entry.msgid, entry.msgctxt or "")):
        translated = known.get(_key(entry))
        merged.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgid_plural=entry.msgid_plural,
                msgctxt=entry.msgctxt,
                msgstr=translated.msgstr if translated else "",
                msgstr_plural=translated.msgstr_plural if translated else dict.fromkeys(_forms(entry, language), ""),
                comment=entry.comment,
                flags=[flag for flag in entry.flags if flag != "fuzzy"],
            )
        )
    return merged


def _key(entry: polib.POEntry) -> tuple[str, str, str]:
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def _forms(entry: polib.POEntry, language: str) -> range:
    return range(int(PLURALS[language][9]) if entry.msgid_plural else 0)


def compiled(file: Path) -> bytes:
    """What the .mo file beside this .po file must hold."""
    return bytes(polib.pofile(str(file)).to_binary())


def faults(language: str, sources: polib.POFile | None, folder: Path | None = None) -> Iterator[str]:
    """What is wrong with a language; `sources` is None where nothing could be collected."""
    file = catalogue(language, folder)
    entries = polib.pofile(str(file))
    for entry in entries:
        yield from (f"{language}: {fault}: {entry.msgid!r}" for fault in _entry_faults(entry, language))
    made = file.with_suffix(".mo")
    if not made.exists() or made.read_bytes() != compiled(file):
        yield f"{language}: {made.name} is not made from {file.name}: make messages"
    if sources is not None:
        yield from _differences(language, entries, sources)


def _entry_faults(entry: polib.POEntry, language: str) -> Iterator[str]:
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if entry.obsolete:
        yield "no longer used"
    elif entry.fuzzy:
        yield "fuzzy"
    elif not all(texts) or len(texts) < len(_forms(entry, language)):
        yield "not translated"
    elif any(_placeholders(text) != _placeholders(entry.msgid_plural or entry.msgid) for text in texts):
        yield "other placeholders than the English text"


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _differences(language: str, entries: Iterable[polib.POEntry], sources: Iterable[polib.POEntry]) -> Iterator[str]:
    here, there = ({_key(entry) for entry in some if not entry.obsolete} for some in (entries, sources))
    yield from (f"{language}: not in the file yet: {key[1]!r}" for key in sorted(there - here))
    yield from (f"{language}: no longer in the sources: {key[1]!r}" for key in sorted(here - there))
