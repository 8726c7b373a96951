"""The acts of renewal."""
