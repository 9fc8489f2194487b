"""Percolation gives what a search would: over the demo newsroom, bit by bit, in both languages."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawlers.newsroom.catalogue import load_newsroom
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval import percolation, relevance
from index.retrieval.filters import Filters
from index.retrieval.percolation import Match, Percolator, QueryMemory, Waiting
from index.retrieval.query import QueryContext
from index.retrieval.relevance import CANDIDATES
from index.retrieval.search import SearchRequest
from index.store.articles import delete_article
from index.store.searches import SearchMemory, newest_article
from tests.conftest import DGX, H800, MAIA, MAIA_ZH, NOW, WordEncoder, article

QUERIES = (
    "microsoft custom chip", "微软自研芯片", "H100", "H800 china", "910B", "英伟达 租赁 DGX 价格", "best sourdough recipe",
    "export controls", '"custom silicon" -intel', "HBM3E memory", "company:microsoft", "台积电 先进封装 产能", "lang:zh 昇腾",
    "google tpu v5p", "quantum blockchain", "latest nvidia news", "TPU OR Trainium", "title:Maia", "after:2023-11 microsoft",
    "AMD MI300X launch", "price of renting GPUs", "lang:zh", "nvidia", "芯片", "who makes the Athena chip for Microsoft?",
)  # fmt: skip
FILTERS = (Filters(), Filters(lang=("zh",)), Filters(entity=("nvidia",)), Filters(after=datetime(2023, 9, 1, tzinfo=UTC)))
WAITING = [
    Waiting(n, query, filters)
    for n, (query, filters) in enumerate(
        [*zip(QUERIES, itertools.cycle(FILTERS), strict=False), *((q, Filters()) for q in QUERIES[:12])], 1
    )
]


def percolator(kb: KnowledgeBase) -> Percolator:
    return Percolator(kb.store, kb.reading, kb.encoder, kb._reader, kb._searcher)


def found(match: Match) -> set[int]:
    return {each for hit in match.hits for each in (hit.article.id, *(other.article_id for other in hit.more))}


def searched(kb: KnowledgeBase, waiting: Waiting, after: int) -> set[int]:
    hits = kb.search(SearchRequest(waiting.query, 100, waiting.filters, "none"), NOW).hits
    return {hit.article.id for hit in hits if hit.article.id > after}


@pytest.mark.parametrize("candidates", [CANDIDATES, 10])
def test_new_articles_match_exactly_the_searches_that_find_them(
    candidates: int, writer: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cheap look and what is remembered from batch to batch change nothing of the answer, though old articles change, and
    also where an index has more passages than a search has candidates."""
    for module in (percolation, relevance):
        monkeypatch.setattr(module, "CANDIDATES", candidates)
    items = load_newsroom().items
    articles = [article(i.title, i.text, lang=i.lang[:2], source=i.outlet.id, published=i.published) for i in items]
    memories: dict[int, SearchMemory] = {}
    mine, matched, asked = percolator(writer), 0, 0
    for first, last in itertools.pairwise([0, 62, 66, 70, 74, 78, 82, len(articles)]):
        after = newest_article(writer.store)
        writer.ingest(articles[first:last], NOW)
        writer.ingest([replace(each, text=f"{each.text} Updated {first}.") for each in articles[:first:9]], NOW)
        writer.refresh(NOW)
        waiting = [replace(each, memory=memories.get(each.id)) for each in WAITING]
        matches = {match.search_id: match for match in mine.match(waiting, after, NOW)}
        memories |= {key: match.memory for key, match in matches.items() if match.memory is not None}
        asked += sum(match.memory is not None for match in matches.values()) if first else 0
        for each in waiting:
            match = matches.get(each.id, Match(each.id))
            assert match.trouble is None
            assert found(match) == searched(writer, each, after), (each.query, each.filters, first)
            matched += len(found(match))
    assert matched > 200
    assert asked < 0.6 * len(WAITING) * 6, "most searches that nothing new answers are not asked in full"


def test_a_search_that_nothing_answered_is_answered_by_the_first_article_that_does(writer: KnowledgeBase) -> None:
    writer.ingest([DGX, H800], NOW)
    writer.refresh(NOW)
    mine = percolator(writer)
    [first] = mine.match([Waiting(1, "microsoft maia")], 0, NOW)
    assert (first.hits, first.memory and first.memory.best) == ((), 0.0)
    after = newest_article(writer.store)
    writer.ingest([MAIA, MAIA_ZH], NOW)
    writer.refresh(NOW)
    [second] = mine.match([Waiting(1, "microsoft maia", Filters(), first.memory)], after, NOW)
    assert len(found(second)) == 2
    assert second.memory is not None and second.memory.best


def test_a_match_says_why(filled: KnowledgeBase) -> None:
    [match] = percolator(filled).match([Waiting(1, "微软 chip")], 0, NOW)
    lead = match.hits[0].why
    assert lead.entities == ("microsoft",)
    assert lead.cosine is not None and lead.coverage > 0
    assert lead.words or lead.glossed


def test_the_embedding_is_made_once(filled: KnowledgeBase, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = percolator(filled)
    [match] = mine.match([Waiting(1, "microsoft custom chip")], 0, NOW)
    monkeypatch.setattr(encoder, "encode_query", lambda text: pytest.fail("asked again"))
    assert [found(each) for each in mine.match([Waiting(1, "microsoft custom chip", Filters(), match.memory)], 0, NOW)] == [
        found(match)
    ]


def test_what_can_not_be_asked_says_so_and_the_others_go_on(filled: KnowledgeBase) -> None:
    bad, good = percolator(filled).match([Waiting(1, " "), Waiting(2, "Maia 100")], 0, NOW)
    assert bad.trouble is not None and "empty" in bad.trouble
    assert found(good)


def test_without_new_articles_nothing_is_asked(filled: KnowledgeBase) -> None:
    assert list(percolator(filled).match(WAITING, newest_article(filled.store), NOW)) == []


def test_a_deleted_article_matches_nothing(filled: KnowledgeBase) -> None:
    [before] = percolator(filled).match([Waiting(1, "Maia 100")], 0, NOW)
    with filled.store.atomic():
        for each in found(before):
            delete_article(filled.store, each)
    assert [found(match) for match in percolator(filled).match([Waiting(1, "Maia 100")], 0, NOW)] == [set()]


def test_a_query_is_read_again_where_the_index_would_answer_its_reading_differently(reading: Reading) -> None:
    memory = QueryMemory(reading)
    absent = QueryContext(now=NOW, satisfied=lambda way: False)

    def parse(context: QueryContext) -> object:
        return memory.parse('"never seen phrase" TPU', context)

    first = parse(absent)
    assert parse(absent) is first
    present = parse(QueryContext(now=NOW, satisfied=lambda way: True))
    assert present != first
    assert parse(absent) == first
