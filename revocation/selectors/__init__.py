"""Reading requests, reports and the certificates that they name."""
