"""The full set of processes, with and without containers."""
