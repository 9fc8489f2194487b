"""Saved searches: matching new articles, and telling whoever waits for them."""
