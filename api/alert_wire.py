"""The shapes of saved searches, alerts and deliveries in the JSON API, as they are described and tested."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

MailTimes = Literal["once", "daily", "weekly"]


class SearchToSave(TypedDict):
    """A search to save. ``filters`` are lang, entity, source, about, after, before, each a list of texts; ``new_claims``: only
    what claims something that nobody did before; ``webhook`` gets signed JSON, ``mail`` lists recipients."""

    name: str
    query: str
    filters: NotRequired[dict[str, list[str]]]
    new_claims: NotRequired[bool]
    webhook: NotRequired[str | None]
    mail: NotRequired[list[str]]
    mail_every: NotRequired[MailTimes]


class SavedSearchDocument(TypedDict):
    """A saved search. ``alerts`` counts those that it gave, ``trouble`` says why it could not be asked the last time."""

    id: int
    name: str
    query: str
    filters: dict[str, list[str]]
    new_claims: bool
    webhook: str | None
    mail: list[str]
    mail_every: MailTimes
    owner: str
    created: str
    alerts: int
    last_alert: str | None
    trouble: str | None


class NewSavedSearch(SavedSearchDocument):
    """``secret`` signs what goes to the webhook; it is told this once."""

    secret: str | None


class SavedSearchList(TypedDict):
    searches: list[SavedSearchDocument]


class GlossedWord(TypedDict):
    """A word that matched by its meaning in the other language."""

    text: str
    sense: str


class NamedEntity(TypedDict):
    id: str
    name: str


class NewClaim(TypedDict):
    """What an article claims that none did before, with the sentence that says it."""

    id: int
    entity: str
    attribute: str
    written: str
    quote: str
    article_id: int


class AlertReasons(TypedDict):
    """Why an article matched; ``similarity`` is the cosine of its best passage with the search, ``coverage`` the share of
    the search that its words have."""

    words: list[str]
    glossed: list[GlossedWord]
    entities: list[NamedEntity]
    similarity: float | None
    coverage: float
    new_claims: list[NewClaim]


class AlertDocument(TypedDict):
    """An alert: one story. ``others`` counts further articles of it that came together with this one."""

    id: int
    made: str
    article_id: int
    story_id: int | None
    url: str
    title: str
    source: str
    source_name: str
    lang: str
    published: str | None
    first_seen: str
    snippet: str
    others: int
    why: AlertReasons


class AlertList(TypedDict):
    """Alerts, newest first; ``next_before`` leads on to older ones."""

    search: SavedSearchDocument
    alerts: list[AlertDocument]
    next_before: int | None


class AttemptDocument(TypedDict):
    moment: str
    success: bool
    outcome: str


class DeliveryDocument(TypedDict):
    """A document on its way to one target; ``key`` is what a webhook gets as ``Idempotency-Key``. ``doubtful``: a mail whose
    sending was interrupted at the end, which is not repeated."""

    id: int
    kind: Literal["webhook", "mail"]
    target: str
    key: str
    state: Literal["waiting", "taken", "sending", "done", "failed", "doubtful"]
    made: str
    due: str | None
    attempts: list[AttemptDocument]


class DeliveryList(TypedDict):
    deliveries: list[DeliveryDocument]


class TestKeys(TypedDict):
    """The keys under which the log has what was put on its way."""

    keys: list[str]
