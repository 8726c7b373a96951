"""A profile file that does not say what it must is refused, with its name and the fault."""

from pathlib import Path

import pytest

from ca.profiles.files import ProfileFileWrong, read_profile

HOME = Path(__file__).parents[3] / "ca" / "profiles"


def changed(folder: Path, slug: str, *changes: tuple[str, str]) -> Path:
    text = (HOME / f"{slug}-1.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / f"{slug}-1.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_unchanged_file_is_read(tmp_path: Path) -> None:
    found = read_profile(changed(tmp_path, "organisation"))
    assert found.key_place == ("browser", "csr")
    assert found.templates[0].subject[1] == ("organisation", "organisation")
    assert found.templates[0].optional == ("organisation_unit", "organisation_identifier", "given_name", "family_name")
    assert found.templates[0].key_usage["ec"] == ("digitalSignature", "contentCommitment")
    assert read_profile(changed(tmp_path, "ocsp-responder")).templates[0].ocsp_nocheck


MAILBOX = '    { field = "email", from = "email" },'
MV_POLICY = 'policy_oids = ["2.23.140.1.5.1.2"]'


@pytest.mark.parametrize(
    ("slug", "old", "new", "fault"),
    [
        ("personal", "approvals = 1", "approvals = 0", "approvals is 0"),
        ("personal", "approvals = 1", "approvals = 3", "approvals is 3"),
        ("personal", "approvals = 1", "approvals = true", "approvals must be given as int"),
        ("personal", "approvals = 1", "", "approvals must be given as int"),
        ("personal", "approvals = 1", "approvals = 1\nextra = 1", "unknown: extra"),
        ("personal", "approvals = 1", "approvals = ", "Invalid value"),
        ("personal", "validity_days = 730", "validity_days = 30", "renewal_window_days"),
        ("personal", "validity_days = 730", "validity_days = 0", "validity_days is 0"),
        ("personal", "mailbox_proof = true", 'mailbox_proof = "true"', "mailbox_proof must be given as bool"),
        ("personal", "mailbox_proof = true", "mailbox_proof = false", "mailbox_proof is needed"),
        ("personal", "inside_use = false", "inside_use = true", "contradict"),
        ("personal", 'on_renewal = "keep"', 'on_renewal = "forget"', "on_renewal is 'forget'"),
        ("personal", 'policy_pack = "private"', 'policy_pack = "public"', "policy_pack is 'public'"),
        ("personal", 'default_key_type = "p256"', 'default_key_type = "rsa1024"', "default_key_type"),
        ("personal", '"p384", "rsa2048"', '"p384", "rsa1024"', "key_types must name"),
        ("personal", '"p384", "rsa2048"', '"p384", "p384"', "key_types must name"),
        ("personal", '["browser", "csr"]', "[]", "key_place must name"),
        ("personal", 'slug = "personal"', 'slug = "Personal"', "slug"),
        ("personal", 'slug = "personal"', 'slug = "person"', "file's name"),
        ("personal", "version = 1", "version = 2", "file's name"),
        ("personal", 'pt = "Certificados pessoais"', "", "title needs a text"),
        ("personal", 'pt = "Certificados pessoais"', 'pt = ""', "title needs a text"),
        ("personal", 'pt = "Certificados pessoais"', 'pt = "x"\nfr = "y"', "title needs a text"),
        ("personal", 'use = "signing"', 'use = "encryption"', "signing and encryption"),
        ("personal", 'use = "signing"', 'use = "anything"', "use is 'anything'"),
        ("personal", '"clientAuth"', '"serverAuth"', "extended_key_usage must name"),
        ("personal", 'rsa = ["digitalSignature"', 'rsa = ["keyCertSign"', "rsa must name"),
        ("personal", "ec = [", "ed25519 = [", "ec must be given"),
        ("personal", '["1.3.6.1.4.1.99999.1.1"]', "[]", "policy_oids"),
        ("personal", '["1.3.6.1.4.1.99999.1.1"]', '["1.03"]', "policy_oids"),
        ("personal", '["1.3.6.1.4.1.99999.1.1"]', "[5]", "policy_oids"),
        ("personal", '["1.3.6.1.4.1.99999.1.1"]', '["2.23.140.1.5.4.2"]', "reserved"),
        ("personal", '{ field = "country", from', '{ field = "state", from', "field is 'state'"),
        ("personal", '{ field = "country", from', '{ field = "common_name", from', "each once"),
        ("personal", 'from = "country"', 'from = "age"', "from is 'age'"),
        ("personal", 'from = "country" }', 'from = "country", more = 1 }', "unknown: more"),
        ("personal", 'from = "country" }', 'from = "country", optional = 1 }', "optional must be given as bool"),
        ("secure-email", 'text = "TW"', 'text = "email"', "would be read as a field"),
        ("secure-email-mv", MV_POLICY, 'policy_oids = ["1.3.6.1.4.1.99999.1.1"]', "one reserved policy"),
        ("secure-email-mv", MV_POLICY, 'policy_oids = ["2.23.140.1.5.1.3"]', "one reserved policy"),
        ("secure-email-mv", MV_POLICY, 'policy_oids = ["2.23.140.1.5.1.2", "2.23.140.1.5.4.2"]', "one reserved"),
        ("secure-email-mv", "validity_days = 365", "validity_days = 825", "over 824"),
        ("secure-email-mv", '["emailProtection"]', '["emailProtection", "documentSigning"]', "private pack only"),
        ("officer", "[[template]]", "[[template]]\n[[template]]\n[[template]]", "one template, or two"),
        ("officer", "[[template]]", "[other]", "template"),
        ("personal", '{ field = "country", from = "country" }', '"country"', "subject must be a list of tables"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, slug: str, old: str, new: str, fault: str) -> None:
    with pytest.raises(ProfileFileWrong) as refusal:
        read_profile(changed(tmp_path, slug, (old, new)))
    assert fault in str(refusal.value)
    assert str(refusal.value).startswith(f"{slug}-1.toml")


STRICT = (('"smime-multipurpose"', '"smime-strict"'), (MV_POLICY, 'policy_oids = ["2.23.140.1.5.1.3"]'))


def test_the_strict_pack_forbids_hold_and_other_usages(tmp_path: Path) -> None:
    no_hold = ("hold_allowed = true", "hold_allowed = false")
    assert read_profile(changed(tmp_path, "secure-email-mv", *STRICT, no_hold)).policy_pack == "smime-strict"
    with pytest.raises(ProfileFileWrong, match="strict"):
        read_profile(changed(tmp_path, "secure-email-mv", *STRICT))
    more = ('["emailProtection"]', '["emailProtection", "clientAuth"]')
    with pytest.raises(ProfileFileWrong, match="strict"):
        read_profile(changed(tmp_path, "secure-email-mv", *STRICT, no_hold, more))


@pytest.mark.parametrize("text", ["template = 1", 'template = ["x"]', "subject = 1", "\0", "key_types = [1, []]"])
def test_shapes_that_fit_nowhere_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one-1.toml"
    path.write_text(text)
    with pytest.raises(ProfileFileWrong):
        read_profile(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one-1.toml").write_bytes(b"\xff\xfe")
    for name in ("one-1.toml", "missing-1.toml"):
        with pytest.raises(ProfileFileWrong, match=name):
            read_profile(tmp_path / name)
