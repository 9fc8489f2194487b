"""Examples of the ledger's documents, as they stand in the OpenAPI description. A test holds each to its shape."""

from typing import Any

_QUOTE = "The chip has 105 billion transistors, the company said."
_SOURCE: dict[str, Any] = {
    "quote": _QUOTE,
    "article_id": 42,
    "url": "https://news.example/2023/11/15/maia-100",
    "title": "Microsoft unveils Maia 100, its first custom AI chip",
    "source": "news-example",
    "lang": "en",
    "published": "2023-11-15T16:00:00Z",
    "first_seen": "2023-11-15T16:04:10Z",
    "field": "text",
    "start": 120,
    "end": 120 + len(_QUOTE),
    "story_id": 7,
}
_DAYS: dict[str, Any] = {"first": "2024-01-01", "last": "2024-03-31", "grain": "quarter", "text": "2024-Q1"}
_CLAIM: dict[str, Any] = {
    "claim_id": 311,
    "key": "3f1c9a5e",
    "entity": "microsoft-maia-100",
    "attribute": "transistors",
    "value": "105 billion",
    "written": "105 billion",
    "low": 105e9,
    "high": 105e9,
    "unit": "",
    "value_entity": None,
    "value_text": None,
    "when": None,
    "qualifier": None,
    "status": "announced",
    "expected": False,
    "cited": ["microsoft"],
    "compared": None,
    "scope": {},
    "event": None,
    "corrected": None,
    **_SOURCE,
}
ENTRY: dict[str, Any] = {
    **_CLAIM,
    "articles": 1,
    "origins": ["news-example"],
    "first_reported": "2023-11-15T16:00:00Z",
    "last_reported": "2023-11-15T16:00:00Z",
    "sources": [_SOURCE],
}
CHIP: dict[str, Any] = {"id": "microsoft-maia-100", "kind": "chip", "name": "Maia 100", "zh": None}

CLAIMS: dict[str, Any] = {
    "entity": CHIP,
    "total": 1,
    "articles": 1,
    "origins": 1,
    "claims": [ENTRY],
    "next_cursor": None,
    "conflicts": [],
    "scope_differences": [],
}
CLAIM_LINES = '{"claim_id": 311, "entity": "microsoft-maia-100", "attribute": "transistors", "value": "105 billion"}\n'
CLAIM_CSV = "claim_id,entity,attribute,value\r\n311,microsoft-maia-100,transistors,105 billion\r\n"
TIMELINE: dict[str, Any] = {
    "entity": CHIP,
    "total": 1,
    "timeline": [{"date": "2023-11-15", "reported": "2023-11-15", **ENTRY}],
    "roadmap": [
        {
            "entity": "microsoft-maia-100",
            "attribute": "shipping",
            "variant": None,
            "reached": False,
            "slip_days": None,
            "promises": [{"when": _DAYS, "told": "2023-11-15", "expected": True, "source": _SOURCE}],
        }
    ],
}
ATTRIBUTES: dict[str, Any] = {"attributes": [{"id": "transistors", "name": "Transistors", "zh": "晶体管数量"}]}
RUMOURS: dict[str, Any] = {
    "total": 1,
    "rumours": [
        {
            **ENTRY,
            "status": "reported",
            "state": "confirmed",
            "steps": [{"state": "reported", "day": "2023-11-01", "source": _SOURCE}],
        }
    ],
}
RELATIONS: dict[str, Any] = {
    "total": 1,
    "relations": [
        {
            "subject": "microsoft-maia-100",
            "relation": "maker",
            "object": "tsmc",
            "since": "2023-11-15",
            "last": "2023-11-15",
            "ended": None,
            "expected": False,
            "articles": 1,
            "origins": ["news-example"],
            "sources": [_SOURCE],
        }
    ],
}
RELIABILITY: dict[str, Any] = {
    "origins": [{"origin": "news-example", "confirmed": 2, "denied": 1, "expired": 3, "open": 4, "first": 2, "right": 0.67}]
}
_OTHER: dict[str, Any] = {"id": "nvidia-h100", "kind": "chip", "name": "H100", "zh": None}
COMPARE: dict[str, Any] = {
    "entities": [CHIP, _OTHER],
    "rows": [
        {
            "attribute": "transistors",
            "name": "Transistors",
            "zh": "晶体管数量",
            "cells": [
                {"entity": CHIP["id"], "total": 1, "entries": [ENTRY], "contradicting": []},
                {"entity": _OTHER["id"], "total": 0, "entries": [], "contradicting": []},
            ],
        }
    ],
}
