from index.knowledge.reading import Reading
from index.retrieval.query import parse_query
from index.retrieval.snippet import LENGTH, Matcher, ReadText, Snippet, make_snippet
from index.text.sentences import Span


def snippet(reading: Reading, query: str, text: str, *, chinese: bool = False) -> Snippet:
    units = parse_query(query, reading).units
    return make_snippet(
        text,
        Matcher(units, reading.glosser).find(text, [(m.start, m.end, m.id) for m in reading.linker.find(text)]),
        chinese=chinese,
    )


def test_the_sentence_that_answers_is_chosen(reading: Reading) -> None:
    filler = "The company gave no further details on that day. " * 12
    found = snippet(reading, "rental price DGX", filler + "Renting a DGX costs a price of $36,999. " + filler)
    assert "36,999" in found.text
    assert found.matched == ("Renting", "DGX", "price") or set(found.matched) >= {"DGX", "price"}


def test_english_words_mark_chinese_ones_and_the_reverse(reading: Reading) -> None:
    assert "<mark>租赁</mark>" in snippet(reading, "rental", "公司提供算力租赁服务。", chinese=True).marked()
    assert "<mark>rental</mark>" in snippet(reading, "租赁", "The rental of compute grows.").marked()


def test_a_text_that_was_read_answers_every_query_as_one_that_was_not(reading: Reading) -> None:
    text = "Renting a DGX costs $36,999 a month. The price of 35 MW is high. 租赁价格很高。"
    read = ReadText(text)
    for query in ("rental price", "$36,999", "35 MW", "$36,999 rental", "租赁"):
        matcher = Matcher(parse_query(query, reading).units, reading.glosser)
        assert matcher.find(read) == matcher.find(text) != []
        assert make_snippet(read, matcher.find(read), chinese=False) == make_snippet(text, matcher.find(text), chinese=False)


def test_marks_are_escaped_html(reading: Reading) -> None:
    assert snippet(reading, "chip", "A <b>chip</b> & more").marked() == "A &lt;b&gt;<mark>chip</mark>&lt;/b&gt; &amp; more"


def test_a_long_sentence_is_cut_at_words_with_an_ellipsis(reading: Reading) -> None:
    text = "word " * 100 + "TSMC " + "word " * 100
    found = snippet(reading, "TSMC", text)
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) <= LENGTH + 8
    assert "TSMC" in found.matched
    assert set(found.text.replace("…", "").split()) == {"word", "TSMC"}


def test_nothing_matched_shows_the_beginning(reading: Reading) -> None:
    found = snippet(reading, "banana", "First sentence here. Second one.")
    assert (found.text.startswith("First"), found.marks) == (True, ())


def test_marks_never_overlap_and_point_into_the_snippet() -> None:
    found = Snippet("abc def", (Span(0, 3), Span(4, 7)), ("abc", "def"))
    assert found.plain("[", "]") == "[abc] [def]"


def test_an_amount_is_marked_however_it_is_written(reading: Reading) -> None:
    assert "<mark>3.7万美元</mark>" in snippet(reading, "$37,000", "每月租金为3.7万美元。", chinese=True).marked()
    assert "<mark>35 megawatts</mark>" in snippet(reading, "35兆瓦", "The old way took 35 megawatts.").marked()
