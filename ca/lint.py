"""Other people's eyes before every signature: pkilint, in process."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

from pkilint import loader, pkix
from pkilint.cabf import smime
from pkilint.cabf.smime.smime_constants import Generation, ValidationLevel
from pkilint.pkix import certificate, crl, extension, name, ocsp
from pkilint.validation import ValidationFindingSeverity

from ca.profiles.model import SMIME_POLICIES, Template

LINT_VERSION = f"pkilint {version('pkilint')}"

# The two last arcs of 2.23.140.1.5.<level>.<generation>, SBR 7.1.6.1.
_LEVELS = {1: ValidationLevel.MAILBOX, 2: ValidationLevel.ORGANIZATION, 3: ValidationLevel.SPONSORED}
_LEVELS[4] = ValidationLevel.INDIVIDUAL
_GENERATIONS = {"smime-multipurpose": Generation.MULTIPURPOSE, "smime-strict": Generation.STRICT}


# Building a linter takes up to 0.4 s and running it a few milliseconds, so each is built once in a process,
# when it is first needed.
@cache
def _pkix_linter() -> Any:
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def _smime_linter(level: Any, generation: Any) -> Any:
    return certificate.create_pkix_certificate_validator_container(
        smime.create_decoding_validators(), smime.create_subscriber_validators(level, generation)
    )


@cache
def _crl_linter() -> Any:
    return crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )


@cache
def _ocsp_linter() -> Any:
    return ocsp.create_pkix_ocsp_response_validator_container(
        [
            ocsp.create_response_decoder(),
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [],
    )


def _errors(linter: Any, load: Callable[..., Any], der: bytes) -> tuple[str, ...]:
    """Findings of severity ERROR and FATAL. A linter that stumbles reports FATAL: no lint, no signature."""
    try:
        document = load(der)
    except ValueError as error:
        return (f"unreadable (FATAL): {error}",)
    return tuple(
        str(description)
        for result in linter.validate(document.root)
        for description in result.finding_descriptions
        if description.finding.severity <= ValidationFindingSeverity.ERROR
    )


def _linter_for(policy_pack: str, template: Template | None) -> Any:
    if policy_pack == "private" or template is None:
        return _pkix_linter()
    # A profile of an S/MIME pack names exactly one reserved policy in each template: its loading is refused
    # otherwise.
    policy = next(oid for oid in template.policy_oids if oid.startswith(SMIME_POLICIES))
    level = _LEVELS[int(policy.split(".")[-2])]
    return _smime_linter(level, _GENERATIONS[policy_pack])


def lint_certificate(der: bytes, policy_pack: str = "private", template: Template | None = None) -> tuple[str, ...]:
    """The errors in a certificate, one line each; empty where it is sound.

    The private pack and CA certificates (no template) are held to RFC 5280, an S/MIME pack to the CA/Browser
    Forum's S/MIME Baseline Requirements for the type that the template's reserved policy names and the pack's
    generation.
    """
    return _errors(_linter_for(policy_pack, template), loader.load_der_certificate, der)


def lint_crl(der: bytes) -> tuple[str, ...]:
    """The errors in a CRL (RFC 5280 5), one line each; empty where it is sound."""
    return _errors(_crl_linter(), loader.load_der_crl, der)


def lint_ocsp(der: bytes) -> tuple[str, ...]:
    """The errors in an OCSP response (RFC 6960), one line each; empty where it is sound."""
    return _errors(_ocsp_linter(), loader.load_der_ocsp_response, der)
