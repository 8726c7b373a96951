"""The port is small, and what stands behind it cannot be told apart."""

import inspect

from ca.keys import Signer
from ca.keys.file import FileSigner


def test_a_signer_has_three_verbs() -> None:
    verbs = {name for name in vars(Signer) if not name.startswith("_")}
    assert verbs == {"sign", "public_key", "check"}


def test_a_file_signer_answers_to_each_of_them() -> None:
    assert isinstance(inspect.getattr_static(FileSigner, "public_key"), property)
    for verb in ("sign", "check"):
        assert inspect.signature(getattr(FileSigner, verb)) == inspect.signature(getattr(Signer, verb))
