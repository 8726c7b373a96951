"""How is a value kept secret at rest?"""
