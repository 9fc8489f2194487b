"""Getting articles: the source catalogue, fetching with Scrapy, feeds and sitemaps, extraction, import files."""
