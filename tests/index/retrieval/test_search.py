from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from index.article import Article
from index.errors import FilterError, QueryError
from index.knowledge_base import KnowledgeBase
from index.retrieval.filters import Filters, read_filters
from index.retrieval.search import SearchRequest, SearchResult
from index.settings import Settings
from index.store.articles import article_by_id
from index.store.passages import Vectors
from tests.conftest import DGX, H800, HBM, MAIA, MAIA_ZH, NOW, WordEncoder, article


def search(kb: KnowledgeBase, query: str, **values: object) -> SearchResult:
    return kb.search(SearchRequest(query, **{"group": "none", **values}), NOW)  # type: ignore[arg-type]


def titles(result: SearchResult) -> list[str]:
    return [hit.article.title for hit in result.hits]


def test_english_finds_chinese_and_chinese_finds_english(filled: KnowledgeBase) -> None:
    assert {MAIA.title, MAIA_ZH.title} <= set(titles(search(filled, "microsoft custom chip")))
    assert {MAIA.title, MAIA_ZH.title} <= set(titles(search(filled, "微软 自研芯片")))
    assert titles(search(filled, "英伟达 租赁 DGX 价格"))[0] == DGX.title


def test_names_in_every_script_are_one_entity(filled: KnowledgeBase) -> None:
    for name in ("TSMC", "台积电", "台積電"):
        assert {MAIA.title, MAIA_ZH.title} <= set(titles(search(filled, name))), name


def test_an_identifier_is_exact(filled: KnowledgeBase) -> None:
    assert titles(search(filled, "H800")) == [H800.title]
    assert titles(search(filled, "H100 price")) == [DGX.title]
    assert titles(search(filled, "H20")) == []
    assert titles(search(filled, "HBM3")) == []


def test_a_day_is_found_however_it_is_written_and_on_the_day_itself(writer: KnowledgeBase) -> None:
    filler = "Commerce explained its thresholds to exporters. "
    writer.ingest(
        [
            article(
                "Letters to two companies",
                f"{filler}They were told on October 7, 2022.",
                published=datetime(2022, 10, 20, tzinfo=UTC),
            ),
            article(
                "出口管制说明", "商务部解释了门槛。10月7日公布了新规。", published=datetime(2022, 11, 1, tzinfo=UTC), lang="zh"
            ),
            article("Rules out today", filler, published=datetime(2022, 10, 7, tzinfo=UTC)),
            article("A year later", f"{filler}It was on October 7, 2023.", published=datetime(2023, 10, 20, tzinfo=UTC)),
        ],
        NOW,
    )
    writer.refresh(NOW)
    for query in ("2022年10月7日 门槛", "October 7, 2022 thresholds", "thresholds 7 Oct. 2022", "门槛 2022-10-07"):
        found = titles(search(writer, query))
        assert set(found[:3]) == {"Letters to two companies", "出口管制说明", "Rules out today"}, query
    assert "No article speaks of 2031" in (search(writer, "October 7, 2031 thresholds").notice or "")
    [hit] = [
        each for each in search(writer, "2022年10月7日 thresholds").hits if each.article.title == "Letters to two companies"
    ]
    assert "October 7, 2022" in hit.matched
    [today] = [each for each in search(writer, "2022年10月7日 thresholds").hits if each.article.title == "Rules out today"]
    assert ("2022-10-07" in today.matched, "2022-10-07" in today.why.words) == (True, True), "it was published on that day"


def test_what_nobody_wrote_about_returns_nothing(filled: KnowledgeBase) -> None:
    result = search(filled, "banana bread recipe with walnuts")
    assert (result.total, result.hits, dict(result.facets["lang"])) == (0, (), {})


@pytest.mark.parametrize(
    ("query", "filters", "expected"),
    [
        ("芯片 chip", {"lang": ["zh"]}, {MAIA_ZH.title}),
        ("GPU", {"lang": ["en,zh"], "source": ["hyperscale"]}, {DGX.title}),
        ("GPU", {"entity": ["nvidia-h800"]}, {H800.title}),
        ("芯片 chip", {"after": "2023-W46", "before": "2023-W47"}, {MAIA.title, MAIA_ZH.title}),
        ("芯片 chip", {"before": "2023-11-15"}, set()),
        ("GPU", {"before": "2023-03-22"}, {DGX.title}),
        ("GPU", {"as_of": "2023-03-21"}, {DGX.title}),
    ],
)
def test_filters_hold_for_words_and_for_meaning(
    filled: KnowledgeBase, query: str, filters: dict[str, object], expected: set[str]
) -> None:
    chosen = read_filters(**filters)  # type: ignore[arg-type]
    assert set(titles(search(filled, query, filters=chosen))) == expected


def test_as_of_hides_what_was_not_published_or_not_seen_yet(filled: KnowledgeBase) -> None:
    """An article seen within days of its publication counts from when it was seen; a backfilled one from its date."""
    late = article("Late find on GPU leasing", published=NOW - timedelta(days=3))
    filled.ingest([late], NOW)
    filled.refresh(NOW)
    day_before = (NOW - timedelta(days=1)).date().isoformat()
    assert late.title not in titles(search(filled, "GPU leasing", filters=read_filters(as_of=day_before)))
    assert late.title in titles(search(filled, "GPU leasing", filters=read_filters(as_of=NOW.date().isoformat())))


def test_a_snippet_marks_the_matched_words_in_either_language(filled: KnowledgeBase) -> None:
    hits = {hit.article.title: hit for hit in search(filled, "microsoft custom chip").hits}
    assert "<mark>微软</mark>" in hits[MAIA_ZH.title].snippet.marked()
    assert "<mark>自研</mark>" in hits[MAIA_ZH.title].snippet.marked()
    assert "Microsoft" in hits[MAIA.title].matched


def test_a_story_is_one_result_with_the_rest_folded_under_it(filled: KnowledgeBase) -> None:
    copy = replace(MAIA, url="https://repost.example/maia", source="repost", published=datetime(2023, 11, 16, tzinfo=UTC))
    filled.ingest([copy], NOW)
    filled.refresh(NOW)
    grouped = filled.search(SearchRequest("Maia 100", filters=Filters(lang=("en",))), NOW)
    assert grouped.total == 1
    assert grouped.hits[0].article.source == "example"
    assert [(other.source, other.role) for other in grouped.hits[0].more] == [("repost", "copy")]
    assert search(filled, "Maia 100", filters=Filters(lang=("en",))).total == 2


def test_sorting_by_date_puts_the_newest_first(filled: KnowledgeBase) -> None:
    times = [hit.article.time for hit in search(filled, "chip GPU memory", sort="date").hits]
    assert times == sorted(times, reverse=True)


def test_facets_count_what_was_found(filled: KnowledgeBase) -> None:
    facets = search(filled, "microsoft custom chip").facets
    assert facets["lang"] == {"en": 1, "zh": 1}
    assert facets["entity"]["microsoft"] == 2
    assert facets["month"] == {"2023-11": 2}


def test_pages_follow_each_other_by_cursor_without_gaps_or_repeats(filled: KnowledgeBase) -> None:
    filled.ingest([article(f"Accelerator report {n}", f"Accelerator shipments, part {n}, grew.") for n in range(7)], NOW)
    filled.refresh(NOW)
    seen: list[str] = []
    cursor = None
    while True:
        result = search(filled, "accelerator shipments", k=3, cursor=cursor)
        seen += titles(result)
        cursor = result.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == result.total == 7


@pytest.mark.parametrize("query", ["", "   ", "\x00\x07", "x" * 10_240, "chip \ud800"])
def test_a_query_that_cannot_be_searched_is_one_clear_line(filled: KnowledgeBase, query: str) -> None:
    with pytest.raises(QueryError) as error:
        search(filled, query)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "query",
    [
        '"unbalanced',
        "a AND (b OR",
        "title:",
        "-",
        "++ -- ~~",
        "*",
        "芯片 OR",
        "\\",
        "🙂",
        "the of and",
        "'; DROP TABLE article",
    ],
)
def test_nothing_else_that_a_person_types_is_an_error(filled: KnowledgeBase, query: str) -> None:
    search(filled, query)


@pytest.mark.parametrize(
    "values",
    [{"k": 0}, {"k": 10**9}, {"k": -1}, {"group": "x"}, {"sort": "x"}, {"mode": "x"}, {"cursor": "x"}, {"cursor": "e30"},
     {"filters": Filters(lang=("fr",))}, {"filters": Filters(entity=("no-such-chip",))}],
)  # fmt: skip
def test_a_parameter_out_of_bounds_is_named(filled: KnowledgeBase, values: dict[str, object]) -> None:
    with pytest.raises(FilterError):
        search(filled, "chip", **values)


def test_recency_breaks_ties(filled: KnowledgeBase) -> None:
    text = "Foundry capacity for packaging is short."
    old = article("Packaging capacity is short", text, published=NOW - timedelta(days=900), url="https://a.example/old")
    new = article("Packaging capacity is short", text, published=NOW - timedelta(days=1), url="https://a.example/new")
    filled.ingest([old, new], NOW)
    filled.refresh(NOW)
    assert [hit.article.url for hit in search(filled, "packaging capacity").hits][:2] == [new.url, old.url]


def test_similar_articles_are_near_and_never_the_article_itself(filled: KnowledgeBase) -> None:
    found = filled.similar(1)
    assert found[0][0].title == MAIA_ZH.title
    assert 1 not in [similar.id for similar, _ in found]


def test_every_hit_is_in_the_store(filled: KnowledgeBase) -> None:
    for hit in search(filled, HBM.title).hits:
        assert article_by_id(filled.store, hit.article.id) is not None


def many(count: int) -> list[Article]:
    """Articles on one subject in both languages, from three sources, over three months."""
    return [
        article(
            f"HBM supply report {n}" if n % 3 else f"HBM 供应 报告 {n}",
            f"HBM supply is short at plant {n}." if n % 3 else f"第{n}座工厂的HBM供应不足。",
            source=f"source-{n % 3}",
            published=NOW - timedelta(days=n % 90),
            url=f"https://a.example/{n}",
        )
        for n in range(count)
    ]


def test_counts_are_exact_beyond_what_is_ranked(filled: KnowledgeBase) -> None:
    filled.ingest(many(450), NOW)
    filled.refresh(NOW)
    everything = search(filled, "HBM supply", k=100)
    assert everything.exact
    assert everything.total == everything.articles >= 450
    assert sum(everything.facets["lang"].values()) == everything.articles
    assert sum(everything.histogram.counts) == everything.articles
    assert everything.facets["company"].keys() <= everything.facets["entity"].keys()
    seen: set[int] = set()
    cursor: str | None = None
    while True:
        page = search(filled, "HBM supply", k=100, cursor=cursor)
        assert not seen & {hit.article.id for hit in page.hits}
        seen |= {hit.article.id for hit in page.hits}
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == everything.total


@pytest.mark.parametrize("source", ["source-0", "source-1", "source-2"])
def test_a_facet_counts_what_its_filter_finds(filled: KnowledgeBase, source: str) -> None:
    filled.ingest(many(450), NOW)
    filled.refresh(NOW)
    counted = search(filled, "HBM supply").facets["source"][source]
    assert search(filled, "HBM supply", filters=Filters(source=(source,))).total == counted == 150


@pytest.mark.parametrize(
    ("query", "expected", "absent"),
    [
        ('"first custom AI chip"', {MAIA.title}, {MAIA_ZH.title}),
        ("chip -microsoft", set(), {MAIA.title, MAIA_ZH.title}),
        ("company:microsoft chip", {MAIA.title, MAIA_ZH.title}, {H800.title}),
        ("芯片 lang:zh", {MAIA_ZH.title}, {MAIA.title}),
        ("title:maia", {MAIA.title}, {DGX.title}),
        ("GPU before:2023-03-22", {DGX.title}, {H800.title}),
        ("NVIDIA source:hyperscale", {DGX.title}, {H800.title}),
        ("company:microsoft", {MAIA.title, MAIA_ZH.title}, {H800.title}),
        ("H800 OR Maia", {MAIA.title, H800.title}, {DGX.title}),
        ("“自研” 微软", {MAIA_ZH.title}, {MAIA.title}),
        ('"custom AI chip" Microsoft', {MAIA.title}, {MAIA_ZH.title}),
        ("micorsoft chip", {MAIA.title}, {H800.title}),
    ],
)
def test_operators_hold_for_words_and_for_meaning(
    filled: KnowledgeBase, query: str, expected: set[str], absent: set[str]
) -> None:
    found = set(titles(search(filled, query)))
    assert expected <= found
    assert not absent & found


def test_a_demand_that_nothing_meets_is_said(filled: KnowledgeBase) -> None:
    result = search(filled, "chip source:nowhere")
    assert (result.total, result.query.notes) == (0, ("There is no source 'nowhere'.",))
    nothing = search(filled, "title:toaster")
    assert (nothing.total, nothing.notice) == (0, "Nothing has toaster in its title.")


def test_a_phrase_that_nobody_wrote_is_read_as_words_and_that_is_said(filled: KnowledgeBase) -> None:
    result = search(filled, '"custom accelerator chip" microsoft')
    assert MAIA.title in titles(result)
    assert result.query.notes == ("No article has “custom accelerator chip”: its words are searched for instead.",)
    assert search(filled, '"quantum toaster"').total == 0


def test_a_company_that_no_article_names_has_no_answer_and_that_is_said(filled: KnowledgeBase) -> None:
    result = search(filled, "Graphcore custom AI chip")
    assert (result.total, result.notice) == (0, "No article mentions Graphcore.")


def test_a_thing_or_a_year_that_no_article_mentions_has_no_answer_and_that_is_said(filled: KnowledgeBase) -> None:
    for query, notice in (
        ("Nvidia Rubin roadmap", "No article mentions NVIDIA Rubin."),
        ("CHIPS Act grants", "No article mentions CHIPS and Science Act."),
        ("nvidia gpu 2031", "No article speaks of 2031."),
    ):
        result = search(filled, query)
        assert (result.total, result.notice) == (0, notice)
    assert search(filled, "microsoft chip 2023").total, "it says nothing of 2023, but was published then"
    assert search(filled, "microsoft chip 2024").total, "it speaks of 2024"


def test_a_family_finds_its_members_and_a_member_no_other(filled: KnowledgeBase) -> None:
    filled.ingest([article("Google shows TPU v5p", "Google says that TPU v5p trains models faster.")], NOW)
    filled.refresh(NOW)
    assert titles(search(filled, "google tpu"))[0] == "Google shows TPU v5p"
    assert titles(search(filled, "TPU v5e")) == []


def test_a_system_that_nobody_mentions_is_read_as_its_chip_and_that_is_said(filled: KnowledgeBase) -> None:
    filled.ingest([article("Google shows TPU v5p", "Google says that TPU v5p trains models faster.")], NOW)
    filled.refresh(NOW)
    result = search(filled, "TPU v5p pod")
    assert titles(result) == ["Google shows TPU v5p"]
    assert result.query.notes == ("No article mentions Google TPU v5p Pod: read as Google TPU v5p.",)
    assert titles(search(filled, "GB200 NVL72")) == [], "a number is never given up"


def test_filters_alone_list_the_newest_first(filled: KnowledgeBase) -> None:
    result = search(filled, "lang:en before:2024")
    times = [hit.article.time for hit in result.hits]
    assert result.total > 0
    assert times == sorted(times, reverse=True)


def test_every_hit_says_why(filled: KnowledgeBase) -> None:
    hits = {hit.article.title: hit for hit in search(filled, "microsoft custom chip").hits}
    why = hits[MAIA_ZH.title].why
    assert why.entities == ("microsoft",)
    assert ("自研", "in-house custom") in why.glossed
    assert 0 < why.coverage <= 1
    assert why.cosine is not None
    assert hits[MAIA.title].why.words
    assert not hits[MAIA.title].why.glossed


def test_the_newest_come_first_where_news_is_asked_for(filled: KnowledgeBase) -> None:
    text = "Packaging capacity at the foundry is short, and packaging prices rise."
    old = article("Packaging packaging packaging", text, published=NOW - timedelta(days=400), url="https://a.example/old")
    new = article("Foundry report", text, published=NOW - timedelta(days=1), url="https://a.example/new")
    filled.ingest([old, new], NOW)
    filled.refresh(NOW)
    assert search(filled, "packaging capacity").hits[0].article.url == old.url
    assert search(filled, "latest packaging capacity").hits[0].article.url == new.url


def test_a_reranker_reorders_the_first_results(filled: KnowledgeBase) -> None:
    class Backwards:
        depth = 3

        def order(self, query: str, passages: Sequence[str]) -> NDArray[np.int64]:
            assert all(passages)
            return np.arange(len(passages))[::-1]

    plain = titles(search(filled, "chip GPU memory"))
    filled._searcher._reranker = Backwards()
    assert titles(search(filled, "chip GPU memory")) == [*plain[:3][::-1], *plain[3:]]


class NarrowEncoder(WordEncoder):
    """A model that leaves a cosine of 0.75 between texts that have nothing in common, as E5 models do."""

    model_id = "narrow"

    def _vector(self, text: str) -> Vectors:
        wide = super()._vector(text)
        return np.asarray(np.append(wide[:-1] * 0.5, 3**0.5 / 2), np.float32)


def test_the_floor_holds_for_a_model_whose_cosines_are_all_high(filled: KnowledgeBase, settings: Settings) -> None:
    narrow = KnowledgeBase(settings, filled.store, filled.reading, NarrowEncoder())
    narrow.refresh(NOW)
    assert search(narrow, "banana bread recipe with walnuts").total == 0
    assert titles(search(narrow, "microsoft custom chip"))[0] == titles(search(filled, "microsoft custom chip"))[0]
