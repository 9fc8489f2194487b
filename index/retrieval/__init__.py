"""Finding: passages, embeddings, the two indexes, generations, refresh, and search."""
