"""What the list calls a reason, and who may give it."""

import pytest

from ca.crl import REASONS
from revocation.reasons import is_compromise, name_in_list, offered, suspends_at_once
from revocation.states import Door, Reason


def test_the_list_knows_every_reason() -> None:
    names = {name_in_list(reason) for reason in Reason}
    assert names == {
        "keyCompromise",
        "affiliationChanged",
        "cessationOfOperation",
        "superseded",
        "privilegeWithdrawn",
    }
    assert names <= set(REASONS)


def test_a_lost_key_counts_as_exposed() -> None:
    assert {reason for reason in Reason if is_compromise(reason)} == {Reason.LOST, Reason.EXPOSED}


def test_only_the_desk_says_that_a_certificate_was_misused() -> None:
    assert Reason.MISUSED in offered(Door.PAPER)
    assert set(Reason) - set(offered(Door.PHRASE)) == {Reason.MISUSED}
    assert offered(Door.PHRASE) == offered(Door.SIGNED_IN)


@pytest.mark.parametrize("reason", Reason)
def test_whoever_proved_to_be_the_holder_is_believed_at_once(reason: Reason) -> None:
    assert suspends_at_once(Door.PHRASE, reason)
    assert suspends_at_once(Door.SIGNED_IN, reason)
    assert suspends_at_once(Door.PAPER, reason) == is_compromise(reason)
