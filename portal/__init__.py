"""What ties the site together?"""
