import itertools
from datetime import UTC, datetime

import pytest

from index.knowledge.reading import Reading
from index.retrieval.encoder import find_model
from index.retrieval.passages import BUDGET, cut, default_counter, make_passages
from index.retrieval.tokenizer import tokenizer_of
from index.settings import DEFAULT_MODEL
from index.store.articles import StoredArticle

DAY = datetime(2023, 4, 19, tzinfo=UTC)


def as_it_is(text: str) -> str:
    return text


def stored(title: str, text: str, lang: str) -> StoredArticle:
    return StoredArticle(1, "https://a.example/1", title, text, lang, "s", None, None, DAY, None, DAY)


def test_passages_are_whole_sentences_that_fit_the_model_and_overlap_by_one() -> None:
    text = " ".join(f"Sentence number {n} says something about accelerators and memory." for n in range(60))
    count = default_counter()
    spans = cut(text, as_it_is, count)
    assert len(spans) > 1
    for span in spans:
        assert count([text[span.start : span.end]])[0] <= BUDGET
        assert text[span.start : span.end].startswith("Sentence")
        assert text[span.start : span.end].endswith(".")
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(spans))
    assert (spans[0].start, spans[-1].end) == (0, len(text))


def test_nothing_of_an_overlong_sentence_is_lost(reading: Reading) -> None:
    text = "，".join(f"第{n}个分句讲到芯片的产能与良率" for n in range(80)) + "。"
    count = default_counter()
    spans = cut(text, reading.glosser.gloss, count)
    assert spans[0].start == 0
    assert spans[-1].end == len(text)
    assert max(count([reading.glosser.gloss(text[s.start : s.end]) for s in spans])) <= BUDGET
    assert all(later.start <= earlier.end for earlier, later in itertools.pairwise(spans))


def test_an_article_without_text_is_found_by_its_title() -> None:
    assert [(span.start, span.end) for span in cut("", as_it_is, default_counter())] == [(0, 0)]


def test_title_outlet_and_date_are_the_context_of_every_passage(reading: Reading) -> None:
    made = make_passages(stored("Maia taped out", "Microsoft did it. " * 120, "en"), reading.glosser, "The Desk", glossed=True)
    assert len(made) > 1
    assert all(each.embedded.startswith("Maia taped out. (The Desk, 19 April 2023) Microsoft") for each in made)


@pytest.mark.parametrize(
    ("title", "text", "lang"),
    [
        ("Nvidia " * 100, "GH200NVL72-B200x8/HBM3e@8TB/s. " * 300, "en"),
        ("英伟达发布新一代人工智能芯片" * 12, "台积电先进封装产能不足，交货期延长至明年第二季度。" * 120, "zh"),
        ("a", "x" * 5000, "en"),
    ],
)
def test_no_passage_is_ever_cut_by_the_model(title: str, text: str, lang: str, reading: Reading) -> None:
    folder = find_model(DEFAULT_MODEL)
    assert folder is not None
    tokenizer = tokenizer_of(folder)
    made = make_passages(stored(title, text, lang), reading.glosser, "An Outlet With a Rather Long Name", glossed=True)
    assert max(tokenizer.count([each.embedded for each in made])) + 2 <= tokenizer.limit


def test_spans_do_not_depend_on_how_a_model_wants_them_worded(reading: Reading) -> None:
    article = stored("标题", "台积电先进封装产能不足，交货期延长。" * 60, "zh")
    glossed = make_passages(article, reading.glosser, "s", glossed=True)
    own = make_passages(article, reading.glosser, "s", glossed=False)
    assert [each.span for each in glossed] == [each.span for each in own]
    assert "台积电" in own[0].embedded
    assert "TSMC" in glossed[0].embedded
