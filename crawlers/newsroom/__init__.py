"""The demo newsroom: invented outlets with real facts, generated from data files, served on loopback for the demo and tests."""
