"""What the revocation list calls a reason (RFC 5280 5.3.1), who may give it, and what it leads to at once."""

from revocation.states import Door, Reason, Trouble

COMPROMISE = "keyCompromise"

_NAMES = {
    # A lost key may be found by somebody else: for those who rely on it, it is exposed.
    Reason.LOST: COMPROMISE,
    Reason.EXPOSED: COMPROMISE,
    Reason.CHANGED: "affiliationChanged",
    Reason.UNUSED: "cessationOfOperation",
    Reason.REPLACED: "superseded",
    Reason.MISUSED: "privilegeWithdrawn",
}
_TROUBLES = {
    Trouble.KEY_FOUND: COMPROMISE,
    Trouble.MISUSE: "privilegeWithdrawn",
    Trouble.WRONG: "affiliationChanged",
}
_HOLDERS = tuple(reason for reason in Reason if reason != Reason.MISUSED)


def name_in_list(reason: str) -> str:
    """The reason by its name in RFC 5280 5.3.1."""
    return _NAMES[Reason(reason)]


def is_compromise(reason: str) -> bool:
    """Whether nobody may rely on the key any more, whatever certificate it is in."""
    return name_in_list(reason) == COMPROMISE


def offered(door: str) -> tuple[Reason, ...]:
    """The reasons that may be given at this door: what the desk alone can know is not the holder's to say."""
    return tuple(Reason) if door == Door.PAPER else _HOLDERS


def suspends_at_once(door: str, reason: str) -> bool:
    """Whether the certificates are suspended until somebody decides, where their profile allows it.

    Whoever proved to be the holder is believed at once; a form that somebody sent only where waiting is dangerous.
    """
    return door in (Door.SIGNED_IN, Door.PHRASE) or is_compromise(reason)


def name_of_trouble(trouble: str, *, proven: bool) -> str:
    """For which reason (RFC 5280 5.3.1) a reported certificate is revoked; empty where the report gives none.

    `proven`: a machine saw that somebody else has the key. Then nothing else matters.
    """
    return COMPROMISE if proven else _TROUBLES.get(Trouble(trouble), "")
