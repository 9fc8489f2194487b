import itertools

from index.retrieval.passages import BUDGET, cut, estimated_tokens


def test_passages_are_whole_sentences_that_fit_the_model_and_overlap_by_one() -> None:
    text = " ".join(f"Sentence number {n} says something about accelerators and memory." for n in range(60))
    spans = cut("A title", text)
    assert len(spans) > 1
    for span in spans:
        assert estimated_tokens(text[span.start : span.end]) <= BUDGET
        assert text[span.start : span.end].startswith("Sentence")
        assert text[span.start : span.end].endswith(".")
    assert all(later.start < earlier.end for earlier, later in itertools.pairwise(spans))
    assert (spans[0].start, spans[-1].end) == (0, len(text))


def test_nothing_of_an_overlong_sentence_is_lost() -> None:
    text = "，".join(f"第{n}个分句讲到芯片的产能与良率" for n in range(80)) + "。"
    spans = cut("标题", text)
    assert spans[0].start == 0
    assert spans[-1].end == len(text)
    assert all(estimated_tokens(text[s.start : s.end]) <= BUDGET for s in spans)
    assert all(later.start <= earlier.end for earlier, later in itertools.pairwise(spans))


def test_an_article_without_text_is_found_by_its_title() -> None:
    assert [(span.start, span.end) for span in cut("Only a headline", "")] == [(0, 0)]
