"""The one place where a state changes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import models, transaction

from audit.errors import ForbiddenMove, WrongState
from audit.services import record, record_all


class Stateful(Protocol):
    """A row with a state, its table of allowed moves, and a text id for the record."""

    MOVES: ClassVar[Any]  # a mapping from each state to the set of those that may follow
    pk: Any
    state: Any

    @property
    def audit_id(self) -> str:
        """`kind:public id`, under which the events speak of this row."""
        ...


_Row = TypeVar("_Row", bound=Stateful)


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
    _allowed(row, before, after)
    fields = {"state": after, **(changes or {})}
    with transaction.atomic():
        moved = _manager(row).filter(pk=row.pk, state=before).update(**fields)
        if moved == 0:
            raise WrongState(f"{row.audit_id} is not {before}")
        record(event=event, actor=actor, subject=row.audit_id, details={"before": before, "after": after})
    _follow(row, fields)


def advance_all(
    rows: Sequence[_Row],
    *,
    before: str,
    after: str,
    actor: str,
    event: str,
    changes: Mapping[str, Any] | None = None,
) -> list[_Row]:
    """Move many rows of one kind as `advance` does, in few statements, and give back those that moved.

    A row that is not in state `before` any more, or that somebody else is moving just now, is left out, and has no
    event. `changes` are the same for all rows. Raises `ForbiddenMove` where the table of moves knows no such step.
    """
    if not rows:
        return []
    _allowed(rows[0], before, after)
    manager, fields = _manager(rows[0]), {"state": after, **(changes or {})}
    with transaction.atomic():
        # Who holds the lock decides which rows move; the update below then finds all of them, or something is wrong.
        # SQLite knows no row locks: there the transaction holds the whole database.
        # Not the whole row is locked: who only stores a row that points here moves nothing.
        free_ones = manager.select_for_update(skip_locked=True, no_key=True)
        locked = free_ones.filter(pk__in=[row.pk for row in rows], state=before)
        free = set(locked.values_list("pk", flat=True))
        moved = [row for row in rows if row.pk in free]
        if manager.filter(pk__in=free, state=before).update(**fields) != len(moved):
            raise WrongState(event)
        record_all(
            event=event,
            actor=actor,
            subjects=[row.audit_id for row in moved],
            details={"before": before, "after": after},
        )
    for row in moved:
        _follow(row, fields)
    return moved


def _allowed(row: Stateful, before: str, after: str) -> None:
    if after not in row.MOVES.get(before, ()):
        raise ForbiddenMove(f"{type(row).__name__}: {before} -> {after}")


def _manager(row: Stateful) -> models.Manager[Any]:
    model = row.__class__  # not type(): `request.user` is a lazy stand-in that says what it stands for only this way
    assert issubclass(model, models.Model)  # noqa: S101 - tells the type checker what every Stateful is
    return model._default_manager


def _follow(row: Stateful, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
