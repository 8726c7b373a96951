"""The pages of certificates: their holder's, and the public directory's."""
