"""The acts of revocation."""
