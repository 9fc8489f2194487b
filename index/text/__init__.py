"""Text, read the same way everywhere: folding, tokens, sentences, languages, addresses, times."""
