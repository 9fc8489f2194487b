"""The store: one SQLite file that is the only truth. Everything else can be rebuilt from it."""
