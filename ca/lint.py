"""Other people's eyes before every signature: pkilint, in process."""

from importlib.metadata import version

from ca.profiles.model import Template

LINT_VERSION = f"pkilint {version('pkilint')}"


def lint_certificate(
    der: bytes, policy_pack: str = "private", template: Template | None = None
) -> tuple[str, ...]:
    """The errors in a certificate, one line each; empty where it is sound."""
    raise NotImplementedError


def lint_crl(der: bytes) -> tuple[str, ...]:
    """The errors in a CRL, one line each."""
    raise NotImplementedError


def lint_ocsp(der: bytes) -> tuple[str, ...]:
    """The errors in an OCSP response, one line each."""
    raise NotImplementedError
