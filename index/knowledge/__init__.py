"""What Chipwire knows: entities and their names, the Chinese–English lexicon, which articles tell one story."""
