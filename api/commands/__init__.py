"""The commands, by what they are for. `api.cli` puts them under their names."""
