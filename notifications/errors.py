"""What the outbox refuses."""


class AddressNotAllowed(Exception):
    """The address holds characters that do not belong into a mail header."""
