import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from index.knowledge.gloss import Glosser
from index.knowledge.linker import Mention
from index.knowledge.reading import Reading
from index.retrieval.encoder import find_model
from index.retrieval.passages import BUDGET, Glossed, Wording, cut, default_counter, make_passages
from index.retrieval.tokenizer import tokenizer_of
from index.settings import DEFAULT_MODEL
from index.store.articles import StoredArticle
from index.text.sentences import Span

DAY = datetime(2023, 4, 19, tzinfo=UTC)


def spans_of(text: str, worded: Wording) -> list[Span]:
    """From the first to the last of each run of sentences."""
    return [Span(run[0].start, run[-1].end) for run in cut(text, worded, default_counter())]


def stored(title: str, text: str, lang: str) -> StoredArticle:
    return StoredArticle(1, "https://a.example/1", title, text, lang, "s", None, None, DAY, None, DAY)


def test_passages_are_whole_sentences_that_fit_the_model_and_overlap_by_one() -> None:
    text = " ".join(f"Sentence number {n} says something about accelerators and memory." for n in range(60))
    count = default_counter()
    spans = spans_of(text, lambda span: text[span.start : span.end])
    assert len(spans) > 1
    for span in spans:
        assert count([text[span.start : span.end]])[0] <= BUDGET
        assert text[span.start : span.end].startswith("Sentence")
        assert text[span.start : span.end].endswith(".")
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(spans))
    assert (spans[0].start, spans[-1].end) == (0, len(text))


def test_nothing_of_an_overlong_sentence_is_lost(reading: Reading) -> None:
    text = "，".join(f"第{n}个分句讲到芯片的产能与良率" for n in range(80)) + "。"
    glossed = Glossed(text, reading.glosser)
    spans = spans_of(text, glossed)
    assert spans[0].start == 0
    assert spans[-1].end == len(text)
    assert max(default_counter()([glossed(span) for span in spans])) <= BUDGET
    assert all(later.start <= earlier.end for earlier, later in itertools.pairwise(spans))


def test_an_article_without_text_is_found_by_its_title() -> None:
    assert spans_of("", lambda span: "") == [Span(0, 0)]


def test_a_sentence_is_glossed_once_with_the_names_that_the_whole_text_tells_it(reading: Reading) -> None:
    asked: list[str] = []

    class Counting:
        names_in = staticmethod(reading.glosser.names_in)

        def gloss(self, text: str, mentions: Sequence[Mention]) -> str:
            asked.append(text)
            return reading.glosser.gloss(text, mentions)

    text = "英伟达与台积电\n美国商务部工业和安全局（BIS）周二公布新规。BIS表示，规则即日生效。"
    glossed = Glossed(text, cast(Glosser, Counting()))
    runs = cut(text, glossed, default_counter())
    joined = " ".join(glossed.joined(run) for run in runs)
    assert len(asked) == len(set(asked)) == 3
    assert joined == reading.glosser.gloss(text), "as if the whole had been glossed at once"
    assert joined.count("Bureau of Industry and Security") == 3, "BIS alone would be nothing"
    assert "TSMC. " in joined, "a heading is a sentence"


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
