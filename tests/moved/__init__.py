"""Processes whose clock is moved, their database's along with it: a certificate's life in a minute."""
