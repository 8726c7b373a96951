"""What the audit refuses."""


class WrongState(Exception):
    """The row is not, or no longer, in the state that the act starts from: somebody else was first."""


class ForbiddenMove(Exception):
    """A programming mistake: the table of moves knows no such step."""
