"""What may be signed, and how: plain Python and `cryptography`, without web, queue or database."""
