"""Claims: what was said of whom, by whom and when, each with its exact sentence. Reading is pure."""
