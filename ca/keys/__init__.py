"""The CA's keys behind one small port."""

from ca.keys.port import PublicKey, Signer

__all__ = ["PublicKey", "Signer"]
