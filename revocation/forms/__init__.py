"""What people fill in on the pages of revocation, checked field by field."""
