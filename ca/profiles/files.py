"""Reading a profile file. A wrong one is refused, with the file and the field at fault."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from ca.profiles import model
from ca.profiles.model import Profile, Template

_T = TypeVar("_T")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_SMIME_POLICY = re.compile(re.escape(model.SMIME_POLICIES) + r"[1-4]\.([1-3])")
_SMIME_GENERATION = {"smime-multipurpose": "2", "smime-strict": "3"}


class ProfileFileWrong(ValueError):
    """A profile file does not say what a profile must say. For operators: it stops the program at start."""


class _Table:
    """A TOML table whose every key must be taken, each with its type checked."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = dict(values)
        self.where = where

    def wrong(self, message: str) -> ProfileFileWrong:
        return ProfileFileWrong(f"{self.where}: {message}")

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        value = self._values.pop(key, default)
        # In Python a bool is an int; in a profile it is not.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(f"{key} must be given as {kind.__name__}")
        return value

    def choice(self, key: str, known: Collection[str]) -> str:
        value = self.take(key, str)
        if value not in known:
            raise self.wrong(f"{key} is {value!r}, not one of {', '.join(known)}")
        return value

    def choices(self, key: str, known: Collection[str], *, empty: bool = False) -> tuple[str, ...]:
        values = self.take(key, list)
        unknown = [value for value in values if value not in known]
        if unknown or len(set(values)) != len(values) or not (values or empty):
            raise self.wrong(f"{key} must name, once each, some of {', '.join(known)}")
        return tuple(values)

    def number(self, key: str, least: int, most: int) -> int:
        value = self.take(key, int)
        if not least <= value <= most:
            raise self.wrong(f"{key} is {value}, not between {least} and {most}")
        return value

    def texts(self, key: str) -> Mapping[str, str]:
        """A text in every language."""
        texts = self.take(key, dict)
        if set(texts) != set(model.LANGUAGES) or not all(isinstance(t, str) and t for t in texts.values()):
            raise self.wrong(f"{key} needs a text in each of {', '.join(model.LANGUAGES)}")
        return MappingProxyType(texts)

    def tables(self, key: str) -> list["_Table"]:
        """The rows of an array of tables."""
        rows = self.take(key, list)
        if not all(isinstance(row, dict) for row in rows):
            raise self.wrong(f"{key} must be a list of tables")
        return [_Table(row, f"{self.where} {key}") for row in rows]

    def end(self) -> None:
        if self._values:
            raise self.wrong(f"unknown: {', '.join(sorted(self._values))}")


def _subject_field(table: _Table) -> tuple[str, str, bool]:
    """(field, source, optional): the source is an attribute of Registered, or else the text itself."""
    field = table.choice("field", model.FIELDS)
    text = table.take("text", str, "")
    source = text or table.choice("from", model.FIELDS)
    if text in model.FIELDS:
        raise table.wrong(f"the fixed text {text!r} would be read as a field of the registration")
    optional = table.take("optional", bool, False)
    table.end()
    return field, source, optional


def _key_usage(table: _Table) -> Mapping[str, tuple[str, ...]]:
    usage = {algorithm: table.choices(algorithm, model.KEY_USAGES) for algorithm in ("rsa", "ec")}
    table.end()
    return MappingProxyType(usage)


def _policy_oids(table: _Table) -> tuple[str, ...]:
    oids = table.take("policy_oids", list)
    if not oids or not all(isinstance(oid, str) and _OID.fullmatch(oid) for oid in oids):
        raise table.wrong("policy_oids needs at least one dotted object identifier")
    return tuple(oids)


def _template(table: _Table) -> Template:
    subject = [_subject_field(row) for row in table.tables("subject")]
    fields = [field for field, _, _ in subject]
    if not fields or len(set(fields)) != len(fields):
        raise table.wrong("subject must name at least one field, and each once")
    template = Template(
        name=table.take("name", str),
        use=table.choice("use", model.USES),
        title=table.texts("title"),
        subject=tuple((field, source) for field, source, _ in subject),
        key_usage=_key_usage(_Table(table.take("key_usage", dict), f"{table.where} key_usage")),
        extended_key_usage=table.choices("extended_key_usage", model.EXTENDED_KEY_USAGES),
        policy_oids=_policy_oids(table),
        san_mailbox=table.take("san_mailbox", bool),
        optional=tuple(field for field, _, optional in subject if optional),
        ocsp_nocheck=table.take("ocsp_nocheck", bool, False),
    )
    table.end()
    return template


def _profile(table: _Table) -> Profile:
    key_types = table.choices("key_types", model.KEY_TYPES)
    templates = table.tables("template")
    if not 1 <= len(templates) <= 2:
        raise table.wrong("a profile has one template, or two for a pair")
    profile = Profile(
        slug=table.take("slug", str),
        version=table.number("version", 1, 10_000),
        title=table.texts("title"),
        description=table.texts("description"),
        policy_pack=table.choice("policy_pack", model.POLICY_PACKS),
        key_types=key_types,
        default_key_type=table.choice("default_key_type", key_types),
        key_place=table.choices("key_place", model.KEY_PLACES),
        validity_days=table.number("validity_days", 1, 3660),
        renewal_window_days=table.number("renewal_window_days", 1, 3660),
        approvals=table.number("approvals", 1, 2),
        mailbox_proof=table.take("mailbox_proof", bool),
        hold_allowed=table.take("hold_allowed", bool),
        on_renewal=table.choice("on_renewal", model.ON_RENEWAL),
        inside_use=table.take("inside_use", bool),
        templates=tuple(_template(one) for one in templates),
    )
    table.end()
    return profile


def _check_whole(profile: Profile, table: _Table) -> None:
    """What no single field can show."""
    if not _SLUG.fullmatch(profile.slug):
        raise table.wrong("slug must be small letters, digits and single hyphens")
    if profile.renewal_window_days >= profile.validity_days:
        raise table.wrong("renewal_window_days must be less than validity_days")
    if profile.is_pair and [one.use for one in profile.templates] != ["signing", "encryption"]:
        raise table.wrong("the templates of a pair are signing and encryption, in this order")
    if any((one.use == "inside") != profile.inside_use for one in profile.templates):
        raise table.wrong("inside_use and the use of the template contradict each other")
    # A certificate says that its holder answers at this mailbox: somebody must have seen that.
    if any(_holds_mailbox(one) for one in profile.templates) and not (profile.mailbox_proof or profile.inside_use):
        raise table.wrong("mailbox_proof is needed where a certificate holds a mailbox")


def _holds_mailbox(template: Template) -> bool:
    return template.san_mailbox or any(source == "email" for _, source in template.subject)


def _check_policy_pack(profile: Profile, table: _Table) -> None:
    """The S/MIME Baseline Requirements in what they ask of a profile (6.3.2, 7.1.2.3, 7.1.6.1)."""
    usages = {usage for one in profile.templates for usage in one.extended_key_usage}
    reserved = [[_SMIME_POLICY.fullmatch(oid) for oid in one.policy_oids] for one in profile.templates]
    if profile.policy_pack == "private":
        if any(oid.startswith(model.SMIME_POLICIES) for one in profile.templates for oid in one.policy_oids):
            raise table.wrong("the private pack must not name a reserved S/MIME policy")
        return
    generation = _SMIME_GENERATION[profile.policy_pack]
    for matches in reserved:
        if [match.group(1) for match in matches if match] != [generation]:
            raise table.wrong(f"each template must name one reserved policy of {profile.policy_pack}")
    if profile.validity_days > model.SMIME_LONGEST_DAYS:
        raise table.wrong(f"validity_days is over {model.SMIME_LONGEST_DAYS}")
    if "documentSigning" in usages:
        raise table.wrong("documentSigning belongs to the private pack only")
    if profile.policy_pack == "smime-strict" and (profile.hold_allowed or usages != {"emailProtection"}):
        raise table.wrong("the strict pack forbids hold and every usage but emailProtection")


def read_profile(path: Path) -> Profile:
    """The profile in `path`, which must be named <slug>-<version>.toml. Raises ProfileFileWrong."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileFileWrong(f"{path.name}: {error}") from error
    table = _Table(values, path.name)
    profile = _profile(table)
    _check_whole(profile, table)
    _check_policy_pack(profile, table)
    if path.name != f"{profile.slug}-{profile.version}.toml":
        raise table.wrong("the file's name must be <slug>-<version>.toml")
    return profile
