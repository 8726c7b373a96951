"""Other people's programs that judge our output. A missing one is said, and its tests left out."""

import os
import shutil

import pytest

DEBIAN_PACKAGES = {
    "certtool": "gnutls-bin",
    "certutil": "libnss3-tools",
    "chromium": "chromium",
    "curl": "curl",
    "initdb": "postgresql",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "keytool": "default-jdk-headless",
    "msgfmt": "gettext",
    "nginx": "nginx-light",
    "node": "nodejs",
    "ocsptool": "gnutls-bin",
    "openssl": "openssl",
    "pk12util": "libnss3-tools",
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "vfychain": "libnss3-tools",
    "xmllint": "libxml2-utils",
}
LEFT_OUT = "left out: "
_BESIDE_THE_PATH = "/usr/sbin:/sbin:/usr/lib/postgresql/15/bin"


def find_judge(name: str) -> str | None:
    """The path of a program, also where Debian keeps it beside the ordinary search path."""
    return shutil.which(name) or shutil.which(name, path=_BESIDE_THE_PATH)


def judge(name: str) -> str:
    """The path of a judge. Missing, it skips the test and says how to get it; with CI=true the test fails."""
    found = find_judge(name)
    if found:
        return found
    reason = f"{LEFT_OUT}{name} is not installed (apt-get install {DEBIAN_PACKAGES[name]})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
