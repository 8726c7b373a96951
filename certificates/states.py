"""The lives of an order, an attempt, a certificate and a CA."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.TextChoices):
    """Where an order stands."""

    DRAFT = "draft", _("not sent yet")
    PLACED = "placed", _("waiting to be signed")
    SIGNING = "signing", _("being signed")
    ISSUED = "issued", _("issued")
    REFUSED = "refused", _("refused")


ORDER_MOVES = {
    OrderState.DRAFT: frozenset({OrderState.PLACED}),
    OrderState.PLACED: frozenset({OrderState.SIGNING, OrderState.REFUSED}),
    OrderState.SIGNING: frozenset({OrderState.ISSUED, OrderState.REFUSED, OrderState.PLACED}),
    OrderState.ISSUED: frozenset[str](),
    OrderState.REFUSED: frozenset[str](),
}


class AttemptState(models.TextChoices):
    """Where one try to sign stands: a serial number is taken for good once it is reserved."""

    RESERVED = "reserved", _("serial number reserved")
    SIGNED = "signed", _("signed")


ATTEMPT_MOVES = {
    AttemptState.RESERVED: frozenset({AttemptState.SIGNED}),
    AttemptState.SIGNED: frozenset[str](),
}


class CertificateState(models.TextChoices):
    """What the CA says of a certificate; whether it has expired the clock says."""

    VALID = "valid", _("valid")
    HELD = "held", _("suspended")
    REVOKED = "revoked", _("revoked")


CERTIFICATE_MOVES = {
    CertificateState.VALID: frozenset({CertificateState.HELD, CertificateState.REVOKED}),
    CertificateState.HELD: frozenset({CertificateState.VALID, CertificateState.REVOKED}),
    CertificateState.REVOKED: frozenset[str](),
}


class AuthorityState(models.TextChoices):
    """Whether a CA takes new orders."""

    ACTIVE = "active", _("takes orders")
    RETIRED = "retired", _("publishes status only")


AUTHORITY_MOVES = {
    AuthorityState.ACTIVE: frozenset({AuthorityState.RETIRED}),
    AuthorityState.RETIRED: frozenset[str](),
}


class Channel(models.TextChoices):
    """By which way an order came in."""

    WEB = "web", _("this site")
    DESK = "desk", _("the desk")
    RENEWAL = "renewal", _("renewal")
    SERVICE = "service", _("the service itself")


class Authorisation(models.TextChoices):
    """What allows an order."""

    ENTITLEMENT = "entitlement", _("an approved registration")
    RENEWAL = "renewal", _("the certificate it renews")
    SERVICE = "service", _("two operators")


KEY_TYPES = {
    "p256": _("elliptic curve P-256 (short and quick)"),
    "p384": _("elliptic curve P-384"),
    "rsa2048": _("RSA, 2048 bits"),
    "rsa3072": _("RSA, 3072 bits"),
    "rsa4096": _("RSA, 4096 bits (takes longest to make)"),
}
