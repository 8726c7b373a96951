"""What must an officer do next?"""
