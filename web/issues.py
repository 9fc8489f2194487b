"""The pages of issues: the archive, an issue as it was published, and as it would be now."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from index.digest.desk import PAGE
from index.digest.render import ONE_SIDED
from index.errors import NotFound
from web.issue_words import issue_words
from web.rendering import Pages, language_of, pages_of

router = APIRouter(include_in_schema=False)


@router.get("/digests")
def digests(request: Request) -> Response:
    pages = pages_of(request)
    published = pages.kb.issues.archive()
    return pages.render(
        request,
        "digests.html",
        weeks=pages.kb.weeks(),
        published={each.week: each for each in published},
        feed="/api/v1/feeds/atom/digests",
    )


@router.get("/digests/{week}")
def digest(request: Request, week: str, version: int | None = None) -> Response:
    """The published issue where there is one; with ``?draft`` what it would be now."""
    pages = pages_of(request)
    desk = pages.kb.issues
    published = desk.published(week)
    if version is not None or (published and "draft" not in request.query_params):
        shown = next((each for each in published if version in (None, each.number)), None)
        if shown is None:
            raise NotFound(f"The issue of {desk.week(week)} has no published version {version}.")
        # Our own templates made it when it was published, and escaped what they were given.
        page = Markup(desk.document(week, PAGE, shown.number))
        earlier, later = _neighbours(pages, shown.week)
        return pages.render(request, "published.html", issue=shown, part=page, versions=published, earlier=earlier, later=later)
    issue = desk.draft(week).digest
    earlier, later = _neighbours(pages, issue.week)
    return pages.render(
        request,
        "digest.html",
        digest=issue,
        **issue_words(issue, language_of(request), pages.kb.reading.claims.attributes.names()),
        one_sided=[
            (heading, [issue.entry(s) for s in getattr(issue, name)]) for name, heading in ONE_SIDED if getattr(issue, name)
        ],
        published=bool(published),
        earlier=earlier,
        later=later,
    )


def _neighbours(pages: Pages, week: str) -> tuple[str | None, str | None]:
    """The weeks before and after that have articles or were published."""
    weeks = sorted({name for name, _ in pages.kb.weeks()} | {each.week for each in pages.kb.issues.archive()})
    return max((w for w in weeks if w < week), default=None), min((w for w in weeks if w > week), default=None)
