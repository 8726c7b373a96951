"""What an officer decides."""

import pytest

from desk.forms import DecisionForm


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_names_what_was_read(decision: str) -> None:
    assert DecisionForm({"revision": "1", "decision": decision}).is_valid()
    assert not DecisionForm({"decision": decision}).is_valid()


def test_there_is_no_third_way() -> None:
    assert not DecisionForm({"revision": "1", "decision": "maybe"}).is_valid()
    assert not DecisionForm({"revision": "1", "decision": "reject", "reason": "x" * 1001}).is_valid()
