"""Examples of the answers about saved searches; a test holds them to their shapes."""

from typing import Any

TO_SAVE: dict[str, Any] = {
    "name": "Maia",
    "query": "microsoft custom chip",
    "filters": {"lang": ["en"]},
    "webhook": "https://hooks.example.com/chipwire",
}
SEARCH: dict[str, Any] = {
    "id": 3,
    "name": "Maia",
    "query": "microsoft custom chip",
    "filters": {"lang": ["en"]},
    "new_claims": False,
    "webhook": "https://hooks.example.com/chipwire",
    "mail": [],
    "mail_every": "once",
    "owner": "key:1",
    "created": "2023-11-14T08:00:00Z",
    "alerts": 1,
    "last_alert": "2023-11-15T16:05:00Z",
    "trouble": None,
}
SEARCHES: dict[str, Any] = {"searches": [SEARCH]}
NEW_SEARCH: dict[str, Any] = {**SEARCH, "alerts": 0, "last_alert": None, "secret": "kept by you, and told this once"}
ALERTS: dict[str, Any] = {
    "search": SEARCH,
    "alerts": [
        {
            "id": 17,
            "made": "2023-11-15T16:05:00Z",
            "article_id": 42,
            "story_id": 7,
            "url": "https://news.example/maia-100",
            "title": "Microsoft unveils Maia 100, its first custom AI chip",
            "source": "news-example",
            "source_name": "News Example",
            "lang": "en",
            "published": "2023-11-15T16:00:00Z",
            "first_seen": "2023-11-15T16:04:58Z",
            "snippet": "Microsoft introduced the Azure Maia 100 accelerator at Ignite.",
            "others": 2,
            "why": {
                "words": ["Microsoft", "custom", "chip"],
                "glossed": [],
                "entities": [{"id": "microsoft", "name": "Microsoft"}],
                "similarity": 0.71,
                "coverage": 1.0,
                "new_claims": [
                    {
                        "id": 5,
                        "entity": "Microsoft Azure Maia 100",
                        "attribute": "maker",
                        "written": "TSMC",
                        "quote": "The chip is made by TSMC on a 5 nm process.",
                        "article_id": 42,
                    }
                ],
            },
        }
    ],
    "next_before": None,
}
DELIVERIES: dict[str, Any] = {
    "deliveries": [
        {
            "id": 9,
            "kind": "webhook",
            "target": "https://hooks.example.com/chipwire",
            "key": "0f1c0f5e-7c1b-4d54-9a53-0f7a4a8f4b52",
            "state": "done",
            "made": "2023-11-15T16:05:00Z",
            "due": None,
            "attempts": [{"moment": "2023-11-15T16:05:01Z", "success": True, "outcome": "answered 204"}],
        }
    ]
}
TEST_KEYS: dict[str, Any] = {"keys": ["6a3f0c1e-3b52-4d0e-8d0f-5f6f2c1b7a90"]}
