"""What the outbox refuses."""


class AddressNotAllowed(Exception):
    """The address holds characters that do not belong into a mail header."""


class SecretsWiped(Exception):
    """The mail held secrets, which are wiped once it was sent or has failed for a day: it cannot be written again."""
