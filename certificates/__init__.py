"""What was ordered, signed, revoked?"""
