"""The one place where a state changes."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from django.db import models, transaction

from audit.errors import ForbiddenMove, WrongState
from audit.services import record

Moves = Mapping[str, frozenset[str]]


class Stateful(Protocol):
    """A row with a state, its table of allowed moves, and a text id for the record."""

    MOVES: ClassVar[Moves]
    pk: Any
    state: Any

    @property
    def audit_id(self) -> str:
        """`kind:public id`, under which the events speak of this row."""
        ...


def advance(
    row: Stateful,
    *,
    before: str,
    after: str,
    actor: str,
    event: str,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Move `row` from state `before` to `after` by compare-and-swap, together with its audit event.

    `changes` are fields written in the same statement (who decided, when). The row in memory follows. Event and
    move stand or fall together. Raises `WrongState` where the stored state is not `before` (any more) and
    `ForbiddenMove` where the table of moves knows no such step.
    """
    if after not in row.MOVES.get(before, frozenset()):
        raise ForbiddenMove(f"{type(row).__name__}: {before} -> {after}")
    model = type(row)
    assert issubclass(model, models.Model)  # noqa: S101 - tells the type checker what every Stateful is
    fields = {"state": after, **(changes or {})}
    with transaction.atomic():
        moved = model._default_manager.filter(pk=row.pk, state=before).update(**fields)
        if moved == 0:
            raise WrongState(f"{row.audit_id} is not {before}")
        record(event=event, actor=actor, subject=row.audit_id, details={"before": before, "after": after})
    for name, value in fields.items():
        setattr(row, name, value)
