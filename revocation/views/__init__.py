"""The pages of revocation."""
