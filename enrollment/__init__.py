"""May they have this certificate?"""
