"""What revocation refuses; each text says what to do next."""


class RevocationRefusal(Exception):
    """An act of revocation that cannot be done as asked."""
