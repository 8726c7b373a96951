"""Lists of every size, read back by a reader that did not write them."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from ca import errors
from ca.crl import REASONS, Header, RevokedEntry, check_list, listing, read_lines, reason_flag, sample
from ca.keys.builder import acting_for
from tests.ca.authorities import issuing

NOW = datetime(2027, 3, 1, 12, 34, 56, tzinfo=UTC)
HEADER = Header(issuing("p256").certificate, 3, NOW, NOW + timedelta(days=3))
EVERY_REASON = [RevokedEntry(100 + code, NOW, reason) for reason, code in REASONS.items()]


def signed(entries: list[RevokedEntry], header: Header = HEADER) -> x509.CertificateRevocationList:
    return listing(header, entries).sign(acting_for(issuing("p256").signer), hashes.SHA256())


def test_every_line_comes_back() -> None:
    entries = [*EVERY_REASON, RevokedEntry(1, NOW, None), RevokedEntry(2**159 - 1, NOW, "superseded")]
    crl = signed(entries)
    assert list(read_lines(crl.tbs_certlist_bytes)) == entries
    check_list(crl, HEADER, entries)
    others = [
        (
            line.serial_number,
            line.revocation_date_utc,
            line.extensions[0].value.reason.value if len(line.extensions) else None,
        )
        for line in crl
    ]
    assert others == [(entry.serial, entry.revoked_at, entry.reason) for entry in entries]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            RevokedEntry,
            serial=st.integers(1, 2**159 - 1),
            revoked_at=st.integers(0, 2**31 + 2**30).map(lambda at: datetime.fromtimestamp(at, UTC)),
            reason=st.sampled_from([None, *REASONS]),
        ),
        max_size=20,
    )
)
def test_any_lines_come_back(entries: list[RevokedEntry]) -> None:
    check_list(signed(entries), HEADER, entries)


def test_lists_beyond_2050_come_back() -> None:
    later = datetime(2051, 1, 1, tzinfo=UTC)
    header = Header(HEADER.issuer, 3, later, later + timedelta(days=3))
    check_list(signed([RevokedEntry(7, later, None)], header), header, [RevokedEntry(7, later, None)])


@pytest.mark.parametrize(
    "other",
    [
        [],
        [RevokedEntry(5, NOW, "superseded")],
        [RevokedEntry(6, NOW, "keyCompromise")],
        [RevokedEntry(5, NOW + timedelta(seconds=1), "keyCompromise")],
        [RevokedEntry(5, NOW, None)],
        [RevokedEntry(5, NOW, "keyCompromise"), RevokedEntry(6, NOW, None)],
    ],
)
def test_a_line_too_many_too_few_or_changed_is_noticed(other: list[RevokedEntry]) -> None:
    crl = signed([RevokedEntry(5, NOW, "keyCompromise")])
    with pytest.raises(errors.SignatureMismatch):
        check_list(crl, HEADER, other)


def test_another_ones_signature_is_noticed() -> None:
    header = Header(issuing("p384").certificate, 3, NOW, NOW + timedelta(days=3))
    with pytest.raises(errors.SignatureMismatch):
        check_list(signed([]), header, [])


def test_a_sample_has_both_ends_and_every_reason() -> None:
    many = [RevokedEntry(number, NOW, None) for number in range(1000, 2000)]
    entries = [many[0], *EVERY_REASON, *many[1:]]
    chosen = sample(entries)
    assert {entries[0], entries[-1], *EVERY_REASON} <= set(chosen)
    assert len(chosen) <= len(REASONS) + 3
    assert sample([]) == []
    assert sample(entries[:1]) == entries[:1]


def test_reasons_are_called_as_the_standard_calls_them() -> None:
    assert reason_flag("keyCompromise") is x509.ReasonFlags.key_compromise
    with pytest.raises(errors.ReasonNotAllowed):
        reason_flag("unspecified")


def test_the_cost_of_a_list_grows_with_its_length_only() -> None:
    def seconds(count: int) -> float:
        entries = [RevokedEntry(number, NOW, "superseded") for number in range(1, count + 1)]
        began = time.process_time()
        check_list(signed(entries), HEADER, entries)
        return time.process_time() - began

    seconds(100)
    assert seconds(16_000) < 40 * max(seconds(1_000), 0.01)


@pytest.mark.parametrize("raw", [b"", b"\x30", b"\x30\x82\xff\xff", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_list_is_not_read(raw: bytes) -> None:
    with pytest.raises((ValueError, IndexError, KeyError)):
        list(read_lines(raw))
