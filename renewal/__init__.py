"""The same again, before it ends"""
