"""Profiles are data: one TOML file for each version of each profile, checked when they are loaded."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ca.errors import ProfileUnknown
from ca.profiles.files import ProfileFileWrong, read_profile
from ca.profiles.model import Profile, Template

__all__ = ["Profile", "ProfileFileWrong", "Template", "load_profiles", "profile", "read_folder"]


def read_folder(folder: Path) -> Mapping[tuple[str, int], Profile]:
    """Every profile file of a folder, by slug and version. Raises ProfileFileWrong for the first bad one."""
    profiles = [read_profile(path) for path in sorted(folder.glob("*.toml"))]
    return {(one.slug, one.version): one for one in profiles}


@cache
def _all_versions() -> Mapping[tuple[str, int], Profile]:
    return read_folder(Path(__file__).parent)


@cache
def load_profiles() -> Mapping[str, Profile]:
    """The newest version of every profile, by slug. Raises ProfileFileWrong."""
    by_version = sorted(_all_versions().values(), key=lambda one: one.version)
    return MappingProxyType({one.slug: one for one in by_version})


def profile(slug: str, version: int | None = None) -> Profile:
    """One profile: this version, or the newest. Raises ProfileUnknown."""
    found = load_profiles().get(slug) if version is None else _all_versions().get((slug, version))
    if found is None:
        raise ProfileUnknown(f"{slug} version {version}")
    return found
