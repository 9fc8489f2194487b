"""The JSON documents of what people do about entities: reviews, proposals, corrections, the check of the data files."""

from collections.abc import Callable, Sequence
from typing import Any

from api.documents import article_summary
from index.knowledge.curation import Proposal, Review, described
from index.knowledge.data_files import Problem
from index.store.decisions import Decision
from index.store.inbox import LeftJudgement
from index.text.times import iso

Document = dict[str, Any]


def review_document(found: Sequence[Review], waiting: int) -> Document:
    """``waiting`` counts the doubtful mentions of the whole store."""
    return {
        "waiting": waiting,
        "reviews": [
            {
                "article": article_summary(each.article),
                "surface": each.surface,
                "id": each.entity_id,
                "name": each.entity.name if each.entity else each.entity_id,
                "confidence": each.confidence,
                "linked": each.linked,
                "sentence": each.sentence,
                "times": each.times,
            }
            for each in found
        ],
    }


def proposals_document(found: Sequence[Proposal]) -> Document:
    return {
        "proposals": [
            {
                "name": each.name,
                "kind": each.kind,
                "maker": each.maker,
                "articles": [article_summary(article) for article in each.articles],
                "sentences": list(each.sentences),
            }
            for each in found
        ]
    }


def correction_document(decision: Decision, name_of: Callable[[str], str]) -> Document:
    return {
        "id": decision.id,
        "kind": decision.kind,
        "subject": decision.subject,
        "detail": dict(decision.detail),
        "says": described(decision, name_of),
        "note": decision.note,
        "made": iso(decision.made),
        "undone": iso(decision.undone),
    }


def corrections_document(
    made: Sequence[Decision], name_of: Callable[[str], str], left: Sequence[LeftJudgement] = ()
) -> Document:
    """What holds, and what was left for the process that is writing: ``why`` is null while it waits."""
    return {
        "corrections": [correction_document(each, name_of) for each in made],
        "left": [{"made": iso(each.made), "what": dict(each.what), "why": each.why} for each in left],
    }


def check_document(problems: Sequence[Problem], counts: dict[str, int]) -> Document:
    """``ok`` is false where something is wrong; warnings alone leave it true."""

    def listed(*, warnings: bool) -> list[Document]:
        return [
            {"file": each.file, "line": each.line or None, "message": each.message}
            for each in problems
            if each.warning is warnings
        ]

    return {
        "ok": not listed(warnings=False),
        "counts": counts,
        "errors": listed(warnings=False),
        "warnings": listed(warnings=True),
    }
