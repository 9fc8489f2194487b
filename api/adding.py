"""Adding articles through the API: a batch is stored before it is answered, and indexed behind the answer."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from api.jobs import Jobs, Progress
from api.wire import BatchAnswer
from crawlers.extract import Page
from crawlers.files import article_from_record
from crawlers.workers import ParserPool
from index.article import Article, IngestReport, Rejected
from index.errors import BodyError, ExtractionError, KeyUsed, UsageError, WriterBusy
from index.knowledge.judging import judge
from index.knowledge_base import MAX_TEXT, KnowledgeBase
from index.store.batches import AnsweredBatch, answered_batch, save_batch
from index.store.inbox import leave, leave_judgement, waiting

MAX_ARTICLES = 1000
MAX_BYTES = 20_000_000
"""Of a batch."""
_WAIT_SECONDS, _INDEX_WAIT_SECONDS, _PAUSE_SECONDS = 1.0, 120.0, 0.1


def records_of(body: bytes, *, lines: bool) -> list[object]:
    """The records of a batch: ``{"articles": […]}``, or with `lines` one JSON object a line.

    A line that is no JSON becomes the error that says so, and is rejected by itself.

    Raises:
        BodyError: not JSON, or too many articles.
    """
    records: list[object] = []
    try:
        if lines:
            for line in body.decode("utf-8-sig").split("\n"):
                if line.strip():
                    records.append(_line(line))
        else:
            document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
            if not isinstance(document, dict) or not isinstance(document.get("articles"), list):
                raise BodyError('The body is not of the form {"articles": […]}.')
            records = document["articles"]
    except UnicodeDecodeError:
        raise BodyError("The body is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise BodyError(f"The body is not valid JSON: {str(error)[:200]}.") from None
    if len(records) > MAX_ARTICLES:
        raise BodyError(f"The batch has {len(records):,} articles; at most {MAX_ARTICLES:,} are taken at once.")
    return records


def _line(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return ExtractionError(f"not valid JSON: {str(error)[:200]}")


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def articles_of(records: Sequence[object]) -> Iterator[Article | Rejected]:
    """The articles of a batch, HTML read in a child process; what cannot be taken, with its number and the reason."""
    with ParserPool(processes=1) as pool:

        def read_page(page: Page, source: str | None) -> Article:
            article: Article = pool.call("crawlers.extract:extract", page, source)
            return article

        for number, record in enumerate(records, 1):
            try:
                if isinstance(record, ExtractionError):
                    raise record
                article = article_from_record(record, read_page)
            except (ExtractionError, UsageError) as error:
                yield Rejected(number, error.message)
                continue
            too_long = len(article.text) > MAX_TEXT
            yield Rejected(number, f"the text is longer than {MAX_TEXT:,} characters") if too_long else article


class Adder:
    """Adds batches to the data folder of `kb`, holding its writer lock only while it does so. Safe from several threads."""

    def __init__(self, kb: KnowledgeBase, jobs: Jobs, clock: Callable[[], datetime]) -> None:
        self._kb = kb
        self._jobs = jobs
        self._clock = clock
        self._one = threading.Lock()
        self._writer = threading.Lock()

    def add(self, records: Sequence[object], client: str, name: str | None, body: bytes) -> tuple[BatchAnswer, bool]:
        """Store a batch; with the idempotency key `name` only once. Also returns whether it had been answered before.

        While another process writes, the batch is left in its inbox.

        Raises:
            KeyUsed: the key came with another body. WriterBusy: the inbox is full.
        """
        digest = hashlib.sha256(body).hexdigest()
        with self._one:
            if name is not None:
                before = answered_batch(self._kb.store, client, name, self._clock())
                if before is not None:
                    if before.hash != digest:
                        raise KeyUsed("This idempotency key came with another body before.")
                    answer: BatchAnswer = json.loads(before.answer)
                    answer.setdefault("waiting", 0)  # those of an earlier version do not say
                    return answer, True
            articles = list(articles_of(records))
            try:
                with self._writing(_WAIT_SECONDS) as kb:
                    # What came before is stored before, as it may be another state of the same article.
                    kb.take_in(self._clock())
                    report = kb.ingest(articles, self._clock())
                    answer = self._answer(report, 0)
                    if name is not None:
                        save_batch(kb.store, client, name, AnsweredBatch(digest, json.dumps(answer)), self._clock())
            except WriterBusy:
                good = [each for each in articles if isinstance(each, Article)]
                bad = tuple(each for each in articles if isinstance(each, Rejected))
                answer = self._answer(IngestReport(read=len(articles), rejected=bad), len(good))
                answered = (client, name, AnsweredBatch(digest, json.dumps(answer))) if name is not None else None
                leave(self._kb.store, good, self._clock(), answered)
        return answer, False

    def decide(self, what: Mapping[str, str]) -> bool:
        """Carry out what a person decided (`index.knowledge.judging`); what follows from it is indexed behind the answer.

        While another process writes, it is left in its inbox, and the answer is false.

        Raises:
            UsageError, NotFound: see there. WriterBusy: the inbox is full.
        """
        now = self._clock()
        try:
            with self._writing(_WAIT_SECONDS) as kb:
                judge(kb.curation, kb.ledger, what, now)
        except WriterBusy:
            leave_judgement(self._kb.store, what, now)
            done = False
        else:
            done = True
        self._jobs.submit("refresh", self._refresh)
        return done

    def _answer(self, report: IngestReport, waiting: int) -> BatchAnswer:
        return BatchAnswer(
            read=report.read,
            new=report.new,
            updated=report.updated,
            duplicate=report.duplicate,
            rejected=[{"line": each.line, "why": each.why} for each in report.rejected],
            waiting=waiting,
            job=self._jobs.submit("refresh", self._refresh) if report.new or report.updated or waiting else None,
        )

    def _refresh(self, progress: Progress) -> str:
        until = time.monotonic() + _INDEX_WAIT_SECONDS
        while True:
            try:
                with self._writing(_WAIT_SECONDS) as kb:
                    report = kb.refresh(self._clock(), progress)
                self._kb.follow()  # a search that is asked once the job is done finds what it brought
                return "The index was built anew." if report.built else "The index was up to date."
            except WriterBusy:
                if not waiting(self._kb.store) and self._kb.status().up_to_date:
                    return "The process that writes has taken everything in."
                if time.monotonic() > until:
                    raise

    @contextmanager
    def _writing(self, seconds: float) -> Iterator[KnowledgeBase]:
        """The knowledge base open for writing, where whoever is writing ends within `seconds`. Raises WriterBusy."""
        until = time.monotonic() + seconds
        if not self._writer.acquire(timeout=seconds):
            raise WriterBusy("Articles are being indexed.", hint="Come again after as long as Retry-After says.")
        try:
            if self._kb.store.writable:
                yield self._kb
                return
            while True:
                try:
                    opened = KnowledgeBase.open(
                        self._kb.settings, writer=True, encoder=self._kb.encoder, reading=self._kb.reading
                    )
                    break
                except WriterBusy:
                    if time.monotonic() > until:
                        raise
                    time.sleep(_PAUSE_SECONDS)
            with opened as kb:
                yield kb
        finally:
            self._writer.release()
