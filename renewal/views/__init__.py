"""The pages of renewal: the holder's, and the officers' list of who did not react."""
