"""What is said of an alert: one document for the feed, the webhook and the mail."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from index.retrieval.hits import Hit
from index.store.claims import StoredClaim
from index.store.searches import SavedSearch
from index.text.times import iso

Document = dict[str, Any]
MOST_CLAIMS = 5
"""New claims that an alert quotes."""
MOST_OTHERS = 10


def alert_document(
    hit: Hit, source_name: Callable[[str], str], entity_name: Callable[[str], str], new_claims: Sequence[StoredClaim]
) -> Document:
    """The article, its story, and why it matched: words, entities, similarity, and the claims that are new."""
    article, why = hit.article, hit.why
    return {
        "article_id": article.id,
        "story_id": hit.story_id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "source_name": source_name(article.source),
        "lang": article.lang,
        "published": iso(article.published),
        "first_seen": iso(article.first_seen),
        "snippet": hit.snippet.text,
        "others": hit.folded,
        "why": {
            "words": list(why.words),
            "glossed": [{"text": text, "sense": sense} for text, sense in why.glossed],
            "entities": [{"id": each, "name": entity_name(each)} for each in why.entities],
            "similarity": why.cosine,
            "coverage": why.coverage,
            "new_claims": [
                {
                    "id": claim.id,
                    "entity": entity_name(claim.entity_id),
                    "attribute": claim.attribute,
                    "written": claim.written,
                    "quote": claim.quote,
                    "article_id": claim.article_id,
                }
                for claim in new_claims[:MOST_CLAIMS]
            ],
        },
    }


def delivery_body(key: str, search: SavedSearch, alerts: Sequence[Mapping[str, Any]], *, test: bool = False) -> str:
    """What is delivered: the search and its alerts, as JSON. ``id`` is the delivery's key."""
    return json.dumps(
        {
            "id": key,
            "type": "test" if test else "alerts",
            "search": {"id": search.id, "name": search.name, "query": search.query},
            "alerts": list(alerts),
        },
        ensure_ascii=False,
    )


def why_line(alert: Mapping[str, Any]) -> str:
    """Why an alert was given, in a line."""
    why = alert["why"]
    parts = []
    if why["entities"]:
        parts.append(f"names {', '.join(each['name'] for each in why['entities'][:5])}")
    if why["words"]:
        parts.append(f"has {', '.join(why['words'][:8])}")
    if why["glossed"]:
        glossed = [f"{each['text']} ({each['sense']})" for each in why["glossed"][:5]]
        parts.append(f"says {', '.join(glossed)}")
    if why["similarity"] is not None:
        parts.append(f"similarity {why['similarity']:.2f}")
    if why["new_claims"]:
        claims = [f"{each['entity']}, {each['attribute']}: {each['written']}" for each in why["new_claims"][:3]]
        parts.append(f"new: {'; '.join(claims)}")
    return " · ".join(parts) or "passes the filters"
