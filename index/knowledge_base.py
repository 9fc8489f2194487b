"""The facade: one method per feature. The command line, the JSON API and the web pages each call these."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from index.alerts.desk import SearchDesk
from index.alerts.matching import raise_alerts
from index.article import Article, IngestReport, Rejected
from index.digest.compose import Digest
from index.digest.composed import ComposedIssues
from index.digest.desk import IssueDesk
from index.digest.period import day_period, week_period
from index.errors import FilterError, NotFound
from index.knowledge.activity import Mover, movers, recent_days
from index.knowledge.claims.filling import ReprocessReport
from index.knowledge.corrections import catalogue_decisions
from index.knowledge.curation import Curation
from index.knowledge.entities import KINDS, Entity
from index.knowledge.judging import carry_out
from index.knowledge.ledger.ledger import Ledger
from index.knowledge.linker import Mention
from index.knowledge.linking import link_article
from index.knowledge.reading import Reading
from index.knowledge.salience import SUBJECT
from index.knowledge.stories import Story, load_stories, stories_between, stories_of_articles
from index.knowledge.story_desk import StoryDesk
from index.retrieval.encoder import Encoder, make_encoder
from index.retrieval.filters import check_filters
from index.retrieval.histogram import Histogram, histogram
from index.retrieval.model_choice import read_choice, with_model
from index.retrieval.percolation import Percolator
from index.retrieval.reader import IndexReader
from index.retrieval.refresh import Progress, RefreshReport, refresh, silent
from index.retrieval.rerank import make_reranker
from index.retrieval.search import Searcher, SearchRequest, SearchResult
from index.retrieval.standing import standing
from index.settings import Settings
from index.store.articles import (
    StoredArticle,
    article_by_id,
    article_days,
    count_articles,
    delete_article,
    fill_url_keys,
    latest_articles,
    mentioned_entities,
    mentions_of,
    replace_extracted,
    save_article,
    times_naming,
)
from index.store.changes import count_changes_since
from index.store.crawls import LeftOut, left_out, left_out_counts
from index.store.database import Store
from index.store.entities import articles_about, saliences_of
from index.store.inbox import first_left, forget
from index.store.passages import count_passages
from index.store.revisions import edits_of, revisions_of
from index.store.sources import (
    HealthChange,
    SourceRecord,
    all_sources,
    disabled_sources,
    health_changes,
    source_article_counts,
    source_record,
)
from index.text.times import week_name, week_range
from index.views import ArticleView, EntityView, SourceView, Status

_ARTICLES_A_COMMIT = 100
_SIFTED_OUT = "sifted_out"
MAX_TEXT = 2_000_000
"""Characters of an article; a longer text is a book or a fault."""


class KnowledgeBase:
    """A data folder, opened for reading (any number of processes) or writing (one).

    Close it, or use it as a context manager. The encoder and the reading tools load when first needed.
    """

    def __init__(
        self, settings: Settings, store: Store, reading: Reading, encoder: Encoder | None, *, lexical_only: bool = False
    ) -> None:
        self.settings = settings
        self._lexical_only = lexical_only
        self.store = store
        self.reading = reading
        self.encoder = encoder
        model_id = encoder.model_id if encoder is not None else ""
        device = "cpu" if settings.device == "cpu" else "auto"
        self._reader = IndexReader(store, model_id=model_id, with_vectors=not lexical_only, device=device)
        self._searcher = Searcher(
            store,
            reading,
            None if lexical_only else encoder,
            self._reader,
            zone=settings.zone,
            reranker=None if lexical_only else make_reranker(settings),
        )
        self._composed = ComposedIssues(store, reading, settings.zone, settings.home)
        self._percolator = Percolator(store, reading, None if lexical_only else encoder, self._reader, self._searcher)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        writer: bool = False,
        lexical_only: bool = False,
        encoder: Encoder | None = None,
        reading: Reading | None = None,
    ) -> "KnowledgeBase":
        """Open the data folder of `settings`, made on first use. `encoder` replaces the one that the settings name.

        Raises:
            WriterBusy: `writer` and another process is writing. SchemaTooNew, StoreError: see `index.store.database`.
        """
        store = Store.open_writer(settings.home) if writer else Store.open_reader(settings.home)
        if writer:
            fill_url_keys(store)
        made = catalogue_decisions(store)
        if made or reading is None:
            reading = Reading.build(made)
        chosen = with_model(settings, read_choice(store)) if not settings.model else settings
        return cls(chosen, store, reading, encoder or make_encoder(chosen), lexical_only=lexical_only)

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> "KnowledgeBase":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- writing

    def ingest(
        self, articles: Iterable[Article | Rejected], now: datetime, progress: Progress = silent, total: int = 0
    ) -> IngestReport:
        """Store articles with their mentions, in transactions of a hundred; `Rejected` inputs are passed through.

        Idempotent: the same article again is a duplicate and changes nothing. What is counted is committed.
        """
        report = IngestReport()
        batch: list[Article | Rejected] = []
        for article in articles:
            batch.append(article)
            if len(batch) >= _ARTICLES_A_COMMIT:
                report += self._ingest_batch(batch, now)
                batch = []
                progress("storing articles", report.read, total)
        report += self._ingest_batch(batch, now)
        progress("storing articles", report.read, report.read)
        return report

    def _ingest_batch(self, batch: list[Article | Rejected], now: datetime) -> IngestReport:
        counts = {"new": 0, "updated": 0, "duplicate": 0}
        rejected: list[Rejected] = []
        if not batch:
            return IngestReport()
        with self.store.atomic():
            for article in batch:
                kept = article if isinstance(article, Rejected) else self.keep(article, now)
                if isinstance(kept, Rejected):
                    rejected.append(kept)
                else:
                    counts[kept] += 1
        return IngestReport(len(batch), counts["new"], counts["updated"], counts["duplicate"], tuple(rejected))

    def take_in(self, now: datetime) -> IngestReport:
        """Store what came and what was decided while another process was writing (`index.store.inbox`), as of when it came."""
        report = IngestReport()
        while (left := first_left(self.store)) is not None:
            number, received, articles = left
            report += self.ingest(articles, received)
            forget(self.store, number)
        carry_out(self.store, self.curation, self.ledger, now)
        return report

    def keep(self, article: Article, now: datetime) -> str | Rejected:
        """Store one article with its mentions, inside the caller's transaction: ``new``, ``updated`` or ``duplicate``."""
        if self.store.meta("linked_with") is None:
            self.store.set_meta("linked_with", self.reading.linked_with)
        if len(article.text) > MAX_TEXT:
            return Rejected(0, f"the text is longer than {MAX_TEXT:,} characters", article.url)
        try:
            outcome, article_id = save_article(self.store, article, now)
        except ValueError as error:
            return Rejected(0, str(error), article.url)
        if outcome != "duplicate":
            link_article(self.store, self.reading, article_id, article.title, article.text)
        return outcome

    def replace(self, articles: Sequence[tuple[int, Article]]) -> None:
        """Put better readings of the same pages in place of the articles with these ids, in one transaction; no revisions."""
        with self.store.atomic():
            for article_id, article in articles:
                replace_extracted(self.store, article_id, article)
                link_article(self.store, self.reading, article_id, article.title, article.text)

    def note_sifted_out(self, count: int) -> None:
        """Remember that so many articles of files were left out as off topic."""
        if count:
            with self.store.atomic():
                self.store.set_meta(_SIFTED_OUT, str(count + int(self.store.meta(_SIFTED_OUT) or 0)))

    def delete(self, article_id: int) -> None:
        """Delete an article; it vanishes from answers at once, and from the indexes with the next refresh.

        Raises:
            NotFound: no such article.
        """
        with self.store.atomic():
            if not delete_article(self.store, article_id):
                raise NotFound(f"There is no article {article_id}.")

    def refresh(
        self, now: datetime, progress: Progress = silent, *, rebuild: bool = False, silently: bool = False
    ) -> RefreshReport:
        """Take in what waits, bring the derived indexes up to the store (see `index.retrieval.refresh`), and match what is new
        with the saved searches; with `silently` nobody is told of it."""
        self.take_in(now)
        report = refresh(self.store, self.reading, self.encoder, now, progress, rebuild=rebuild)
        if report.built and self._reader.loaded:
            self._reader.follow()
        raise_alerts(self.store, self.reading, self._percolator, now, self.settings.zone, silently=silently)
        return report

    @property
    def ledger(self) -> Ledger:
        """What is claimed, by whom and how often, and what people corrected of it."""
        return Ledger(self.store, self.reading)

    def reprocess(self, progress: Progress = silent, *, everything: bool = False) -> Mapping[str, ReprocessReport]:
        """Apply the present rules to every article that older ones read, or to `everything`; by name of what was read again.

        Each part goes on where an earlier run was interrupted. Decisions of people are put on top of what is read.
        """
        return {"claims": self.ledger.reprocess(progress, everything=everything)}

    @property
    def curation(self) -> Curation:
        """What people decide about entities."""
        return Curation(self.store, self.reading)

    @property
    def searches(self) -> SearchDesk:
        """Saved searches, and what they told."""
        return SearchDesk(self.store, self.reading, self.settings.zone)

    # -- reading

    def search(self, request: SearchRequest, now: datetime) -> SearchResult:
        """Answer a search; see `Searcher.search`.

        Raises:
            FilterError: a filter names an entity or language that does not exist.
        """
        check_filters(request.filters, self.reading.catalogue)
        return self._searcher.search(request, now)

    def matching(self, request: SearchRequest, now: datetime) -> list[int]:
        """Ids of all articles that answer a search, in its order. Raises as `search`."""
        check_filters(request.filters, self.reading.catalogue)
        return [int(each) for each in self._searcher.matching(request, now)]

    def resolve_entity(self, name: str) -> str:
        """The id that `name` (an id or any name in either language) stands for.

        Raises:
            NotFound: none.
        """
        known = self.reading.catalogue.get(name)
        if known is not None:
            return known.id
        mentions = self.reading.linker.find(name, guess=True)
        if len(mentions) == 1 and len(mentions[0].surface.strip()) == len(name.strip()):
            return mentions[0].id
        raise NotFound(f"There is no entity {name!r}.", hint=self.reading.catalogue.suggestion(name))

    def similar(self, article_id: int, k: int = 6) -> list[tuple[StoredArticle, float]]:
        """Articles like one, best first, with cosines.

        Raises:
            NotFound: no such article.
        """
        if article_by_id(self.store, article_id) is None:
            raise NotFound(f"There is no article {article_id}.")
        return self._searcher.similar(article_id, k)

    def article(self, article_id: int) -> ArticleView:
        """Raises NotFound."""
        article = article_by_id(self.store, article_id)
        if article is None:
            raise NotFound(f"There is no article {article_id}.")
        mentions = tuple(mentions_of(self.store, article_id))
        saliences = saliences_of(self.store, [article_id])[article_id]
        entities = tuple(e for e in (self.reading.catalogue.get(name) for name in saliences) if e is not None)
        story_id = stories_of_articles(self.store, [article_id]).get(article_id)
        stories = load_stories(self.store, [story_id]) if story_id is not None else []
        edits = edits_of(article, revisions_of(self.store, article_id))
        return ArticleView(article, mentions, entities, saliences, stories[0] if stories else None, tuple(edits))

    def latest(self, limit: int = 30, *, source: str | None = None) -> list[StoredArticle]:
        """The newest articles first, of one source or of all."""
        return latest_articles(self.store, limit, source=source)

    def latest_stories(self, limit: int = 20) -> list[Story]:
        """The stories of the newest articles, newest first."""
        articles = latest_articles(self.store, limit * 4)
        by_article = stories_of_articles(self.store, [article.id for article in articles])
        ids = list(dict.fromkeys(by_article[a.id] for a in articles if a.id in by_article))[:limit]
        return load_stories(self.store, ids)

    def entity(self, name: str, limit: int = 30) -> EntityView:
        """Raises NotFound."""
        entity_id = self.resolve_entity(name)
        entity = self.reading.catalogue.by_id[entity_id]
        count = mentioned_entities(self.store).get(entity_id, 0)
        relatives = self.reading.catalogue.children_of(entity_id)
        about = articles_about(self.store, entity_id, SUBJECT)
        return EntityView(entity, count, about, tuple(latest_articles(self.store, limit, entity=entity_id)), tuple(relatives))

    def entities(self, words: str = "", *, kind: str | None = None) -> list[tuple[Entity, int]]:
        """Every entity of the catalogue with the number of articles that mention it, most mentioned first.

        With `words` only those whose id or a name of which contains them, in any capitals and script; with `kind` only those.

        Raises:
            FilterError: there is no such kind.
        """
        if kind is not None and kind not in KINDS:
            raise FilterError(f"kind is {kind!r}; it must be one of {', '.join(KINDS)}.")
        counts = mentioned_entities(self.store)
        pairs = [
            (entity, counts.get(entity.id, 0))
            for entity in self.reading.catalogue.by_id.values()
            if kind in (None, entity.kind) and entity.named_like(words)
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0].id))

    def link(self, text: str) -> list[Mention]:
        """The entities that `text` names."""
        return self.reading.mentions(text)

    def stories(self, week: str | None = None) -> list[Story]:
        """All stories, or those with an article in an ISO week; newest first.

        Raises:
            FilterError: not a week.
        """
        if week is None:
            return stories_between(self.store)
        return stories_between(self.store, *week_range(week, self.settings.zone))

    @property
    def story_desk(self) -> StoryDesk:
        """Stories one by one, and corrections of them."""
        return StoryDesk(self.store)

    def digest(self, week: str, progress: Progress = silent) -> Digest:
        """The digest of an ISO week; kept until something changes that it is made from.

        Raises:
            FilterError: not a week. SettingsError: the data folder's ``digest.toml`` is not of the form.
        """
        return self._composed.digest(week_period(week, self.settings.zone), progress)

    def digest_between(self, first: str, last: str, progress: Progress = silent) -> Digest:
        """The digest of the days from `first` to `last`, both in it.

        Raises:
            FilterError: no days, or in the wrong order. SettingsError: as `digest`.
        """
        return self._composed.digest(day_period(first, last, self.settings.zone), progress)

    @property
    def issues(self) -> IssueDesk:
        """Issues of the digest as they are edited and published."""
        return IssueDesk(self.store, self.reading, self.digest, self.settings.zone)

    def weeks(self) -> list[tuple[str, int]]:
        """ISO weeks that have articles, newest first, with how many."""
        counts: dict[str, int] = {}
        for moment, count in article_days(self.store):
            week = week_name(moment, self.settings.zone)
            counts[week] = counts.get(week, 0) + count
        return sorted(counts.items(), reverse=True)

    def recent_days(self, days: int = 28) -> list[tuple[datetime, int]]:
        """The days up to that of the newest article, oldest first, each with its number of articles."""
        return recent_days(self.store, days, self.settings.zone)

    def movers(self, limit: int = 8) -> list[Mover]:
        """Entities that are named more or less in the last seven days than in the four weeks before, largest change first."""
        return movers(self.store, self.reading.catalogue, limit)

    def mentions_over_time(self, entity_id: str) -> Histogram:
        """How many articles named an entity, by intervals that suit the time they span."""
        return histogram(times_naming(self.store, entity_id))

    def sources(self) -> list[SourceView]:
        """Every source that was crawled or imported from, by id."""
        counts = source_article_counts(self.store)
        records = {record.id: record for record in all_sources(self.store)}
        for source in counts:
            records.setdefault(source, SourceRecord(source, source, "import", ""))
        out, off = left_out_counts(self.store), disabled_sources(self.store)
        return [SourceView(records[key], counts.get(key, 0), out.get(key, 0), key in off) for key in sorted(records)]

    def left_out(self, source: str | None = None, limit: int = 50) -> list[LeftOut]:
        """What the gate left out last, newest first, of one source or of all.

        Raises:
            NotFound: no such source was crawled. FilterError: `limit` is not in 1..1000.
        """
        if not 1 <= limit <= 1000:
            raise FilterError(f"k is {limit}; it must be from 1 to 1000.")
        if source is not None and source_record(self.store, source) is None:
            raise NotFound(f"No source {source!r} was crawled.")
        return left_out(self.store, source, limit)

    def source(self, source: str) -> SourceView:
        """One of `sources`.

        Raises:
            NotFound: nothing was crawled or imported from it.
        """
        found = next((view for view in self.sources() if view.record.id == source), None)
        if found is None:
            raise NotFound(f"No source {source[:100]!r} was crawled.")
        return found

    def health_changes(self, limit: int = 100, source: str | None = None) -> list[HealthChange]:
        """How the health of sources changed, of one or of all, newest first."""
        return health_changes(self.store, limit, source)

    def source_name(self, source: str) -> str:
        """The display name of a source."""
        row = self.store.row("SELECT name FROM source WHERE id = ?", [source])
        return str(row[0]) if row else source

    def status(self) -> Status:
        """The state of the data folder, without loading the model or FAISS."""
        index = standing(self.store.home, self.reading, self.encoder)
        pending = count_changes_since(self.store, index.sequence)
        return Status(
            home=self.store.home,
            articles=count_articles(self.store),
            passages=count_passages(self.store),
            pending=pending,
            generation=index.number,
            generation_created=index.created,
            indexed_passages=index.passages,
            model=self.encoder.model_id if self.encoder else "none",
            index_kind=index.kind,
            up_to_date=pending == 0 and index.trouble is None,
            trouble=index.trouble,
            entities=len(self.reading.catalogue),
            lexicon=self.reading.glosser.entries,
            index_bytes=index.sizes,
            serving=self._reader.serving,
            sources=tuple(self.sources()),
            sifted_out=int(self.store.meta(_SIFTED_OUT) or 0),
        )

    def ready(self) -> None:
        """Load the index, the dictionaries and the model, so that the next search finds them loaded.

        Raises:
            IndexUnavailable: searches cannot be answered.
        """
        self._reader.current()
        self.reading.warm()
        if self.encoder is not None and not self._lexical_only:
            self.encoder.encode_query("warm")

    def follow(self) -> None:
        """Load a newly published index now, so that no search has to wait for it. Raises IndexUnavailable."""
        self._reader.follow()

    @property
    def trouble(self) -> str | None:
        """What is wrong with the index that is being served, if anything."""
        return self._reader.trouble
