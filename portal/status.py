"""The status process: CA certificates, revocation lists and OCSP, and nothing else of the site."""
