"""Examples of the API's documents, as they stand in its OpenAPI description. A test holds each to its shape."""

from typing import Any

_SUMMARY: dict[str, Any] = {
    "article_id": 42,
    "url": "https://news.example/2023/11/15/maia-100",
    "title": "Microsoft unveils Maia 100, its first custom AI chip",
    "published": "2023-11-15T16:00:00Z",
    "first_seen": "2023-11-15T16:04:10Z",
    "source": "news-example",
    "lang": "en",
}
_RELATED: dict[str, Any] = {
    "article_id": 57,
    "url": "https://xinwen.example/a/20231116/maia-100.html",
    "title": "微软发布首款自研AI芯片Maia 100",
    "source": "xinwen-example",
    "published": "2023-11-16T01:30:00Z",
    "lang": "zh",
    "role": "independent",
}
_ENTITY: dict[str, Any] = {"id": "tsmc", "kind": "company", "name": "TSMC", "zh": "台积电"}
_STORY: dict[str, Any] = {
    "id": 7,
    "headline": _SUMMARY["title"],
    "origins": 1,
    "articles": [{**_SUMMARY, "role": "original", "copy_of": None}],
}
_EDIT: dict[str, Any] = {
    "seen": "2023-11-15T18:00:00Z",
    "title": None,
    "text": [
        {"kind": "same", "text": "It has "},
        {"kind": "removed", "text": "100"},
        {"kind": "added", "text": "105"},
        {"kind": "same", "text": " billion transistors."},
    ],
}
_SOURCE: dict[str, Any] = {
    "id": "news-example",
    "name": "News Example",
    "kind": "press",
    "language": "en",
    "country": "US",
    "homepage": "https://news.example",
    "articles": 120,
    "left_out": 30,
    "disabled": False,
    "health": "ok",
    "health_since": "2023-10-01T00:00:00Z",
    "health_note": "",
    "last_crawl": "2023-11-16T02:00:00Z",
    "last_success": "2023-11-16T02:00:00Z",
    "last_outcome": "ok: 2 new",
    "interval_seconds": 1800,
    "next_due": "2023-11-16T02:30:00Z",
}

SEARCH: dict[str, Any] = {
    "query": "microsoft custom chip",
    "reading": {
        "text": "microsoft custom chip",
        "units": ["microsoft", "custom", "chip"],
        "notes": [],
        "after": None,
        "before": None,
    },
    "took_ms": 8.4,
    "total": 1,
    "articles": 2,
    "exact": True,
    "hits": [
        {
            **_SUMMARY,
            "story_id": 7,
            "score": 0.94,
            "snippet": "<mark>Microsoft</mark> introduced its first <mark>custom</mark> AI <mark>chip</mark>.",
            "entities": ["microsoft", "microsoft-maia-100"],
            "matched": ["Microsoft", "custom", "chip"],
            "independent": 2,
            "folded": 1,
            "more": [_RELATED],
        }
    ],
    "facets": {"lang": {"en": 1, "zh": 1}, "month": {"2023-11": 2}},
    "histogram": {"interval": "day", "counts": [{"start": "2023-11-15", "count": 1}, {"start": "2023-11-16", "count": 1}]},
    "entities": ["microsoft"],
    "mode": "hybrid",
    "notice": None,
    "next_cursor": None,
}
ARTICLE: dict[str, Any] = {
    **_SUMMARY,
    "author": "A. Reporter",
    "modified": None,
    "date_source": "json-ld",
    "date_note": None,
    "text": "Microsoft introduced the Azure Maia 100 accelerator. The chip is made by TSMC.",
    "summary": None,
    "image": None,
    "section": None,
    "tags": ["chips"],
    "captions": [],
    "canonical_url": None,
    "raw_url": None,
    "origin": None,
    "entities": [{**_ENTITY, "salience": 0.4}],
    "mentions": [{"id": "tsmc", "field": "text", "surface": "TSMC", "start": 73, "end": 77, "confidence": 0.98}],
    "story": _STORY,
    "edits": [_EDIT],
}
SIMILAR: dict[str, Any] = {"article_id": 41, "similar": [{**_SUMMARY, "score": 0.83}]}
REVISIONS: dict[str, Any] = {
    "article_id": 42,
    "revisions": [
        {"title": _SUMMARY["title"], "text": "It has 100 billion transistors.", "until": "2023-11-15T18:00:00Z"},
        {"title": _SUMMARY["title"], "text": "It has 105 billion transistors.", "until": None},
    ],
    "edits": [_EDIT],
}
ENTITIES: dict[str, Any] = {"total": 1, "entities": [{**_ENTITY, "articles": 12}]}
ENTITY: dict[str, Any] = {
    **_ENTITY,
    "zh_hant": "台積電",
    "names": ["TSMC", "台积电"],
    "codenames": [],
    "codename_of": None,
    "wikidata": None,
    "note_source": None,
    "about": 4,
    "maker": None,
    "parent": None,
    "successor": None,
    "note": "Foundry",
    "articles": 12,
    "latest": [_SUMMARY],
    "relatives": [],
}
STORIES: dict[str, Any] = {"stories": [_STORY]}
_ADDED = "The chip is made by TSMC."
STORY: dict[str, Any] = {
    **_STORY,
    "articles": [
        {
            **_STORY["articles"][0],
            "new": [{"sentence": _ADDED, "start": 53, "end": 53 + len(_ADDED), "entities": ["tsmc"], "figures": []}],
        }
    ],
    "changes": [{"when": "2023-11-16T02:00:00Z", "kind": "merged", "story": 9, "into": 7, "articles": 1}],
}
DIGEST: dict[str, Any] = {
    "week": "2023-W46",
    "since": "2023-11-13T00:00:00Z",
    "until": "2023-11-20T00:00:00Z",
    "articles": 2,
    "origins": 2,
    "sources": 2,
    "introduction": None,
    "corrections": [],
    "thin": True,
    "repeats": 0,
    "unwell": [{"source": "Other News", "health": "late"}],
    "sections": [{"id": "custom", "title": "Custom silicon", "stories": [7]}],
    "only_zh": [],
    "only_en": [],
    "stories": [
        {
            "id": 7,
            "section": "custom",
            "headline": _SUMMARY["title"],
            "headline_gloss": None,
            "importance": 0.8,
            "importance_parts": {"origins": 0.5, "languages": 0.3},
            "summary": "Microsoft introduced the Azure Maia 100 accelerator.",
            "rewritten": False,
            "note": None,
            "extract": [
                {"article_id": 42, "start": 0, "end": 52, "text": "Microsoft introduced the Azure Maia 100.", "gloss": None}
            ],
            "figures": [
                {
                    "entity": "microsoft-maia-100",
                    "attribute": "transistors",
                    "value": "105 billion",
                    "english": None,
                    "status": "announced",
                    "origins": 1,
                    "claim_id": 311,
                    "article_id": 42,
                    "field": "text",
                    "start": 120,
                    "end": 157,
                    "quote": "The chip has 105 billion transistors.",
                }
            ],
            "earlier": [],
            "new": [],
            "entities": ["microsoft"],
            "copies": 0,
            "articles": [_RELATED],
        }
    ],
}
WEEKS: dict[str, Any] = {"weeks": [{"week": "2023-W46", "articles": 2}]}
ISSUES: dict[str, Any] = {
    "issues": [
        {
            "week": "2023-W46",
            "version": 1,
            "published": "2023-11-20T08:00:00Z",
            "title": "AI chips, week 2023-W46",
            "summary": "6 stories from 18 articles, 16 of them independent, in 9 outlets.",
            "correction": None,
            "url": "/digests/2023-W46",
        }
    ]
}
DIGEST_MARKDOWN = "# AI chips, week 2023-W46\n"
DIGEST_MAIL = "Subject: AI chips, week 2023-W46\r\nMIME-Version: 1.0\r\n\r\n"
DIGEST_HTML = "<!doctype html><h1>AI chips, week 2023-W46</h1>"
SOURCES: dict[str, Any] = {"sources": [_SOURCE]}
LEFT_OUT: dict[str, Any] = {
    "left_out": [
        {
            "url": "https://news.example/phones",
            "source": "news-example",
            "title": "A new phone",
            "why": "speaks of phones",
            "score": -1.5,
            "seen": "2023-11-15T16:04:10Z",
        }
    ]
}
STATUS: dict[str, Any] = {
    "articles": 120,
    "passages": 480,
    "pending": 0,
    "generation": 3,
    "generation_created": "2023-11-16T02:00:05Z",
    "indexed_passages": 480,
    "index": "all-MiniLM-L6-v2, 384-d",
    "model": "all-MiniLM-L6-v2",
    "up_to_date": True,
    "trouble": None,
    "entities": 867,
    "lexicon": 31400,
    "memory": {"vectors": 368640, "words": 120000, "process": 400000000},
    "serving": "exact",
    "left_out": 30,
    "sifted_out": 0,
    "health": {"ok": 1},
    "sources": [_SOURCE],
}
READY: dict[str, Any] = {"status": "ready", "degraded": []}
PROBLEM: dict[str, Any] = {
    "type": "/docs#filter",
    "title": "A parameter has a value that is not known",
    "status": 400,
    "code": "filter",
    "detail": "sort is 'fame'; it must be one of relevance, date.",
    "hint": "Use one of the values that the detail names.",
}
ATOM = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Chipwire</title></feed>'
METRICS = 'chipwire_requests_total{method="GET",route="/api/v1/search",status="200"} 12.0\n'
BATCH: dict[str, Any] = {
    "articles": [
        {
            "url": "https://news.example/2023/11/15/maia-100",
            "title": _SUMMARY["title"],
            "text": "Microsoft introduced the Azure Maia 100 accelerator. The chip is made by TSMC.",
            "published": "2023-11-15T16:00:00Z",
        }
    ]
}
BATCH_LINES = '{"title": "微软发布首款自研AI芯片Maia 100", "text": "微软发布自研人工智能芯片Maia 100，由台积电代工。"}\n'
BATCH_ANSWER: dict[str, Any] = {
    "read": 2,
    "new": 1,
    "updated": 0,
    "duplicate": 0,
    "rejected": [{"line": 2, "why": "neither text nor html is given"}],
    "waiting": 0,
    "job": "6f1c0b0a4d2e4f0f9a3b5c7d8e9f0a1b",
}
JOB: dict[str, Any] = {
    "id": "6f1c0b0a4d2e4f0f9a3b5c7d8e9f0a1b",
    "kind": "refresh",
    "state": "done",
    "stage": "embedding passages",
    "done": 4,
    "total": 4,
    "detail": "The index was built anew.",
    "created": "2023-11-16T02:00:00Z",
    "finished": "2023-11-16T02:00:02Z",
}
EXPORT_LINES = '{"article_id": 42, "url": "https://news.example/2023/11/15/maia-100", "title": "Microsoft unveils Maia 100"}\n'
EXPORT_CSV = "article_id,url,title\r\n42,https://news.example/2023/11/15/maia-100,Microsoft unveils Maia 100\r\n"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Chipwire</title></channel></rss>'
JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Chipwire: maia",
    "home_page_url": "http://localhost:8700/search?q=maia",
    "feed_url": "http://localhost:8700/api/v1/feeds/json/search?q=maia",
    "items": [
        {
            "id": "tag:chipwire,2026:5f2c:article:42",
            "url": _SUMMARY["url"],
            "title": _SUMMARY["title"],
            "content_text": "Microsoft introduced the Azure Maia 100 accelerator.",
            "date_published": "2023-11-15T16:00:00Z",
            "date_modified": "2023-11-15T16:00:00Z",
            "language": "en",
        }
    ],
}
REVIEWS: dict[str, Any] = {
    "waiting": 1,
    "reviews": [
        {
            "article": _SUMMARY,
            "surface": "Athena",
            "id": "microsoft-athena",
            "name": "Athena",
            "confidence": 0.55,
            "linked": False,
            "sentence": "Athena was the code name.",
            "times": 2,
        }
    ],
}
PROPOSALS: dict[str, Any] = {
    "proposals": [
        {
            "name": "Cobalt 300",
            "kind": "chip",
            "maker": "microsoft",
            "articles": [_SUMMARY],
            "sentences": ["Microsoft's Cobalt 300."],
        }
    ]
}
CORRECTIONS: dict[str, Any] = {
    "corrections": [
        {
            "id": 1,
            "kind": "mention",
            "subject": "Athena",
            "detail": {"entity": "microsoft-athena"},
            "says": "Athena is Microsoft's chip.",
            "note": None,
            "made": "2023-11-16T02:00:00Z",
            "undone": None,
        }
    ],
    "left": [],
}
