"""Commands for whoever keeps the portal running."""
