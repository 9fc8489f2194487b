"""The JSON documents of the contract, for the command line and the API alike."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from api.source_documents import source_document
from index.article import IngestReport
from index.knowledge.entities import Entity
from index.knowledge.linker import Mention
from index.knowledge.stories import Story
from index.knowledge.story_desk import StoryView
from index.retrieval.hits import Hit, Why
from index.retrieval.search import SearchResult
from index.store.articles import StoredArticle
from index.store.decisions import Decision
from index.store.revisions import Edit
from index.text.diff import Piece, abridged
from index.text.times import iso
from index.views import ArticleView, EntityView, Status

if TYPE_CHECKING:
    from crawlers.warc import WarcCounts

Document = dict[str, Any]
FACET_VALUES = 100
"""Values of a facet in an answer: the most frequent ones, and the first months."""


def search_document(result: SearchResult, *, explain: bool = False, gloss: Callable[[str], str] | None = None) -> Document:
    """``{query, took_ms, total, hits: […]}`` with facets, counts over time, the cursor, and how the query was read.

    `gloss` adds a rough English title to Chinese hits, `explain` the reasons for each.
    """
    query = result.query
    return {
        "query": query.text,
        "reading": {
            "text": query.reading,
            "units": [unit.text for unit in query.units],
            "notes": list(query.notes),
            "after": iso(query.after),
            "before": iso(query.before),
        },
        "took_ms": result.took_ms,
        "total": result.total,
        "articles": result.articles,
        "exact": result.exact,
        "hits": [_hit(hit, explain, gloss) for hit in result.hits],
        "facets": {name: dict(islice(values.items(), FACET_VALUES)) for name, values in result.facets.items()},
        "histogram": {
            "interval": result.histogram.interval,
            "counts": [
                {"start": start, "count": count}
                for start, count in zip(result.histogram.starts, result.histogram.counts, strict=True)
            ],
        },
        "entities": list(query.entities),
        "mode": result.mode,
        "notice": result.notice,
        "next_cursor": result.next_cursor,
    }


def _hit(hit: Hit, explain: bool, gloss: Callable[[str], str] | None) -> Document:
    document: Document = {
        **article_summary(hit.article),
        "story_id": hit.story_id,
        "score": hit.score,
        "snippet": hit.snippet.marked(),
        "entities": list(hit.entities),
        "matched": list(hit.matched),
        "independent": hit.independent,
        "folded": hit.folded,
        "more": [
            {
                "article_id": other.article_id,
                "url": other.url,
                "title": other.title,
                "source": other.source,
                "published": iso(other.published),
                "lang": other.lang,
                "role": other.role,
            }
            for other in hit.more
        ],
    }
    if gloss is not None and hit.article.lang == "zh":
        document["title_gloss"] = gloss(hit.article.title)
    if explain:
        why = hit.why
        document["explain"] = {
            "words": list(why.words),
            "glossed": [{"text": text, "as": sense} for text, sense in why.glossed],
            "entities": list(why.entities),
            "cosine": why.cosine,
            "coverage": why.coverage,
            "lexical": why.lexical,
            "dense": why.dense,
            "recency": why.recency,
        }
    return document


def explained(why: Why) -> str:
    """The reasons for a hit in a line."""
    parts = [f"words {', '.join(why.words) or 'none'}"]
    if why.glossed:
        parts.append("meaning " + ", ".join(f"{text} ({sense})" for text, sense in why.glossed))
    if why.entities:
        parts.append(f"named {', '.join(why.entities)}")
    parts.append(f"{why.coverage:.0%} of the query by weight")
    if why.cosine is not None:
        parts.append(f"similarity {why.cosine:.2f}")
    return " · ".join([*parts, f"words {why.lexical:.2f}, meaning {why.dense:.2f}, recency {why.recency:.2f}"])


def article_summary(article: StoredArticle) -> Document:
    return {
        "article_id": article.id,
        "url": article.url,
        "title": article.title,
        "published": iso(article.published),
        "first_seen": iso(article.first_seen),
        "source": article.source,
        "lang": article.lang,
    }


def edit_document(edit: Edit) -> Document:
    """What one edit changed, abridged to the changes and a little around them."""

    def pieces(changed: Sequence[Piece]) -> list[Document]:
        return [{"kind": piece.kind, "text": piece.text} for piece in abridged(list(changed))]

    return {"seen": iso(edit.seen), "title": pieces(edit.title) if edit.title_changed else None, "text": pieces(edit.text)}


def article_document(view: ArticleView) -> Document:
    article = view.article
    return {
        **article_summary(article),
        "author": article.author,
        "modified": iso(article.modified),
        "first_seen": iso(article.first_seen),
        "date_source": article.date_source,
        "date_note": article.date_note,
        "text": article.text,
        "summary": article.summary,
        "image": article.image,
        "section": article.section,
        "tags": list(article.tags),
        "captions": list(article.captions),
        "canonical_url": article.canonical_url,
        "raw_url": article.raw_url,
        "origin": None
        if article.origin_name is None
        else {"name": article.origin_name, "url": article.origin_url, "words": article.origin_words},
        "entities": [{**entity_summary(entity), "salience": view.saliences.get(entity.id, 0.0)} for entity in view.entities],
        "mentions": [
            {
                "id": m.entity_id,
                "field": m.field,
                "surface": m.surface,
                "start": m.start,
                "end": m.end,
                "confidence": m.confidence,
            }
            for m in view.mentions
        ],
        "story": None if view.story is None else story_document(view.story),
        "edits": [edit_document(edit) for edit in view.edits],
    }


def similar_document(article_id: int, found: list[tuple[StoredArticle, float]]) -> Document:
    return {
        "article_id": article_id,
        "similar": [{**article_summary(article), "score": score} for article, score in found],
    }


def entity_summary(entity: Entity) -> Document:
    return {"id": entity.id, "kind": entity.kind, "name": entity.name, "zh": entity.zh}


def entity_document(view: EntityView) -> Document:
    entity = view.entity
    return {
        **entity_summary(entity),
        "zh_hant": entity.zh_hant,
        "names": list(entity.surfaces),
        "codenames": list(entity.codenames),
        "maker": entity.maker,
        "parent": entity.parent,
        "successor": entity.successor,
        "codename_of": entity.codename_of,
        "wikidata": entity.wikidata,
        "note": entity.note,
        "note_source": entity.source,
        "articles": view.articles,
        "about": view.about,
        "latest": [article_summary(article) for article in view.latest],
        "relatives": [entity_summary(relative) for relative in view.relatives],
    }


def entities_document(pairs: list[tuple[Entity, int]]) -> Document:
    return {"total": len(pairs), "entities": [{**entity_summary(e), "articles": count} for e, count in pairs]}


def mentions_document(mentions: list[Mention]) -> Document:
    return {
        "mentions": [
            {"id": m.id, "surface": m.surface, "start": m.start, "end": m.end, "confidence": round(m.confidence, 3)}
            for m in mentions
        ]
    }


def story_document(story: Story) -> Document:
    return {
        "id": story.id,
        "headline": story.headline,
        "origins": story.origins,
        "articles": [{**article_summary(m.article), "role": m.role, "copy_of": m.copy_of} for m in story.members],
    }


def stories_document(stories: list[Story]) -> Document:
    return {"stories": [story_document(story) for story in stories]}


def story_view_document(view: StoryView) -> Document:
    document = story_document(view.story)
    for each in document["articles"]:
        each["new"] = [
            {"sentence": a.sentence, "start": a.start, "end": a.end, "entities": list(a.entities), "figures": list(a.figures)}
            for a in view.additions.get(each["article_id"], ())
        ]
    document["changes"] = [
        {"when": iso(c.moment), "kind": c.kind, "story": c.story_id, "into": c.other_id, "articles": c.articles}
        for c in view.changes
    ]
    return document


def story_decisions_document(decisions: list[Decision]) -> Document:
    return {
        "decisions": [
            {
                "id": d.id,
                "kind": d.kind.removeprefix("story-"),
                "made": iso(d.made),
                "note": d.note,
                "together": d.detail["together"],
                "from": d.detail.get("from", []),
            }
            for d in decisions
        ]
    }


def import_document(report: IngestReport, pages: "WarcCounts") -> Document:
    """`pages`: what became of what was sifted, such as a web archive's pages; its part is left out where nothing was."""
    sifted = {"sifted": {"pages": pages.records, "articles": pages.articles, "left_out": dict(pages.left_out)}}
    return {
        **(sifted if pages.records else {}),
        "read": report.read,
        "new": report.new,
        "updated": report.updated,
        "duplicate": report.duplicate,
        "rejected": [
            {"line": each.line, "why": each.why, **({"file": each.file} if each.file else {})} for each in report.rejected
        ],
    }


def status_document(status: Status) -> Mapping[str, Any]:
    return {
        "home": str(status.home),
        "articles": status.articles,
        "passages": status.passages,
        "pending": status.pending,
        "generation": status.generation,
        "generation_created": status.generation_created,
        "indexed_passages": status.indexed_passages,
        "index": status.index_kind,
        "model": status.model,
        "up_to_date": status.up_to_date,
        "trouble": status.trouble,
        "entities": status.entities,
        "lexicon": status.lexicon,
        "memory": dict(status.index_bytes),
        "serving": status.serving,
        "left_out": sum(view.left_out for view in status.sources),
        "sifted_out": status.sifted_out,
        "health": dict(Counter(view.record.health for view in status.sources if view.record.health)),
        "sources": [source_document(view) for view in status.sources],
    }
