"""Stop trusting this"""
