"""The page of a story: who told it first, who on their own, who repeated whom, and what each of them added."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from index.knowledge.ledger.entries import entries
from index.store.claims import claims_of_articles
from web.ledger import words_of
from web.rendering import pages_of
from web.search_page import glosses

router = APIRouter(include_in_schema=False)
_MOST_CLAIMS = 24


@router.get("/stories/{story_id}")
def story(request: Request, story_id: int) -> Response:
    pages = pages_of(request)
    kb = pages.kb
    view = kb.story_desk.story(story_id)
    found = view.story
    if found.id != story_id:
        return RedirectResponse(f"/stories/{found.id}", 308)  # it was merged into this one
    members = sorted(found.members, key=lambda m: (m.article.time, m.article.id))
    claims = claims_of_articles(kb.store, [m.article.id for m in members])
    told = entries(claim for each in claims.values() for claim in each)
    told.sort(key=lambda entry: (-len(entry.origins), -entry.articles, entry.entity_id, entry.attribute))
    titles = {m.article.id: m.article.title for m in members}
    return pages.render(
        request,
        "story.html",
        story=found,
        members=members,
        additions=view.additions,
        changes=view.changes,
        claims=told[:_MOST_CLAIMS],
        more_claims=max(0, len(told) - _MOST_CLAIMS),
        titles=titles,
        glosses=glosses(kb, [m.article for m in members]),
        words=words_of(request, kb),
    )
