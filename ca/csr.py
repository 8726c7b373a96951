"""Certificate signing requests (PKCS#10, RFC 2986): only the public key is ever used from one."""

from dataclasses import dataclass

LARGEST_CSR = 16 * 1024


@dataclass(frozen=True)
class Csr:
    """A request that passed every check."""

    der: bytes
    spki: bytes  # SubjectPublicKeyInfo, DER
    spki_sha256: str  # hex
    key_type: str  # one of ca.profiles.model.KEY_TYPES


def parse_csr(data: bytes) -> Csr:
    """Read and check a PEM or DER request of at most 16 kB. Raises Refusal and nothing else."""
    raise NotImplementedError
