"""Reading what can be renewed, and what was not."""
