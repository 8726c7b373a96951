"""The checked form of a profile: what a kind of certificate says, and who may have it on which conditions."""

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "zh-hant", "pt")
POLICY_PACKS = ("private", "smime-multipurpose", "smime-strict")
KEY_TYPES = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384")
KEY_PLACES = ("browser", "csr", "token")
USES = ("signing", "encryption", "both", "inside")
ON_RENEWAL = ("keep", "revoke_superseded")

# What a subject may hold, by the names that Registered has for it.
FIELDS = (
    "country",
    "organisation",
    "organisation_unit",
    "organisation_identifier",
    "common_name",
    "given_name",
    "family_name",
    "subscriber_number",
    "email",
)
KEY_USAGES = ("digitalSignature", "contentCommitment", "keyEncipherment", "keyAgreement")
EXTENDED_KEY_USAGES = {
    "clientAuth": "1.3.6.1.5.5.7.3.2",
    "emailProtection": "1.3.6.1.5.5.7.3.4",
    "OCSPSigning": "1.3.6.1.5.5.7.3.9",
    "documentSigning": "1.3.6.1.5.5.7.3.36",  # RFC 9336
}

# The CA/Browser Forum's arc for S/MIME: <level>.<generation> follow (SBR 7.1.6.1).
SMIME_POLICIES = "2.23.140.1.5."
SMIME_LONGEST_DAYS = 824


@dataclass(frozen=True)
class Template:
    """One certificate of a profile, field by field (RFC 5280 4.1.2.6 and 4.2.1)."""

    name: str
    use: str  # one of USES
    title: Mapping[str, str]  # language -> text
    subject: tuple[tuple[str, str], ...]  # (field, attribute of Registered, or else the text itself), in order
    key_usage: Mapping[str, tuple[str, ...]]  # "rsa" and "ec" -> bits by their names in RFC 5280 4.2.1.3
    extended_key_usage: tuple[str, ...]
    policy_oids: tuple[str, ...]
    san_mailbox: bool
    optional: tuple[str, ...] = ()  # subject fields that are left out where the registration has none
    ocsp_nocheck: bool = False  # RFC 6960 4.2.2.2.1


@dataclass(frozen=True)
class Profile:
    """A kind of certificate that can be ordered. A changed profile is a new version; orders keep theirs."""

    slug: str
    version: int
    title: Mapping[str, str]  # language -> text
    description: Mapping[str, str]  # language -> text
    policy_pack: str  # one of POLICY_PACKS
    key_types: tuple[str, ...]
    default_key_type: str
    key_place: tuple[str, ...]
    validity_days: int
    renewal_window_days: int
    approvals: int
    mailbox_proof: bool
    hold_allowed: bool
    on_renewal: str  # one of ON_RENEWAL
    inside_use: bool
    templates: tuple[Template, ...]

    @property
    def is_pair(self) -> bool:
        """Whether an order makes a signing and an encryption certificate in one go."""
        return len(self.templates) > 1
