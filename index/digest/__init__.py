"""The weekly digest: composed from stories, rendered as Markdown, HTML and JSON."""
