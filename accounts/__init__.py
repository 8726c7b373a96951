"""Who is this, and how do they prove it?"""
