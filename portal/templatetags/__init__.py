"""Template tags and filters that any page may load."""
