"""`make bench`: one table, measured in one run on this machine."""
