"""The shapes of stories and digests, for the OpenAPI description and the Python client; see `api.wire`.

`api.documents` and `index.digest.render` write them.
"""

from typing import Literal

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from api.ledger_wire import Status
from api.wire import Related, StoryDocument, StoryMember


class NewSentence(TypedDict):
    """A sentence that says what no earlier article of the story did: entities or figures that were not given before."""

    sentence: str
    start: int
    end: int
    entities: list[str]
    figures: list[str]


class AddingMember(StoryMember):
    new: list[NewSentence]


class StoryChangeDocument(TypedDict):
    """What once happened to a story: it was merged ``into`` another, split, corrected by a person…"""

    when: str
    kind: str
    story: int
    into: int | None
    articles: int


class StoryView(TypedDict):
    """One story, with what each article added to it."""

    id: int
    headline: str
    origins: int
    articles: list[AddingMember]
    changes: list[StoryChangeDocument]


class StoryList(TypedDict):
    stories: list[StoryDocument]


class ExtractDocument(TypedDict):
    article_id: int
    start: int
    end: int
    text: str
    gloss: str | None


class FigureDocument(TypedDict):
    """A figure of the story, from the ledger, with the sentence that it stands in."""

    entity: str
    attribute: str
    value: str
    english: str | None
    status: Status
    origins: int
    claim_id: int
    article_id: int
    field: Literal["title", "text"]
    start: int
    end: int
    quote: str


class DigestStory(TypedDict):
    """``earlier`` are the weeks that had the story before; then ``new`` holds the figures that are new since. ``rewritten``:
    the summary is an editor's; so is ``note``."""

    id: int
    section: str
    headline: str
    headline_gloss: str | None
    importance: float
    importance_parts: dict[str, float]
    summary: str
    rewritten: bool
    note: str | None
    extract: list[ExtractDocument]
    figures: list[FigureDocument]
    earlier: list[str]
    new: list[str]
    entities: list[str]
    copies: int
    articles: list[Related]


class DigestSection(TypedDict):
    """A section with the ids of its stories."""

    id: str
    title: str
    stories: list[int]


class UnwellSource(TypedDict):
    source: str
    health: str


class DigestDocument(TypedDict):
    """The stories of an ISO week, the most important first. ``only_zh`` are ids of stories that only the Chinese press
    has, ``only_en`` only the English one; ``repeats`` counts stories of earlier weeks with nothing new. ``introduction`` and
    ``corrections`` are an editor's."""

    week: str
    since: str
    until: str
    articles: int
    origins: int
    sources: int
    introduction: str | None
    corrections: list[str]
    thin: bool
    repeats: int
    unwell: list[UnwellSource]
    sections: list[DigestSection]
    only_zh: list[int]
    only_en: list[int]
    stories: list[DigestStory]


class WeekDocument(TypedDict):
    week: str
    articles: int


class WeekList(TypedDict):
    """The ISO weeks that have articles, the latest first; each has a digest."""

    weeks: list[WeekDocument]


class IssueDocument(TypedDict):
    """An issue of the digest that was published; ``version`` is above 1 for corrections, which ``correction`` tells."""

    week: str
    version: int
    published: str
    title: str
    summary: str
    correction: str | None
    url: str


class IssueList(TypedDict):
    """The published issues, the latest week first."""

    issues: list[IssueDocument]
