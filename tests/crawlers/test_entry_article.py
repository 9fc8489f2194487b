"""Articles made of what a feed says, where the page itself may not be copied or cannot be read."""

from dataclasses import replace
from datetime import UTC, datetime

from crawlers.entry_article import article_of, hint_of, text_of
from crawlers.feeds import FeedEntry

DAY = datetime(2023, 11, 15, 16, tzinfo=UTC)
PARAGRAPH = "Microsoft says that its Maia 100 accelerator holds 105 billion transistors and is made by TSMC on a 5 nm process."
ENTRY = FeedEntry(
    "https://news.example/maia",
    title="Microsoft shows Maia 100",
    published=DAY,
    author="Ada Lee",
    summary="A chip of its own.",
    content=f"<p>{PARAGRAPH}</p><script>steal()</script><style>p {{ color: red }}</style><p>It is cooled by a liquid.</p>",
    tags=("Chips",),
    image="https://news.example/maia.jpg",
)


def test_where_copying_is_forbidden_the_summary_is_all_that_is_kept() -> None:
    article = article_of(ENTRY, "news", full=False)
    assert (article.title, article.text, article.published, article.date_source) == (
        "Microsoft shows Maia 100",
        "A chip of its own.",
        DAY,
        "feed",
    )
    assert (article.author, article.image, article.tags) == ("Ada Lee", "https://news.example/maia.jpg", ("Chips",))


def test_the_content_that_a_feed_carries_is_read_without_scripts_and_styles() -> None:
    assert article_of(ENTRY, "news", full=True).text == f"{PARAGRAPH}\n\nIt is cooled by a liquid."


def test_a_piece_too_short_for_an_article_is_kept_whole() -> None:
    assert text_of("Nvidia to build<br>in Texas", ENTRY.url, "Nvidia") == "Nvidia to build\n\nin Texas"


def test_an_entry_with_nothing_but_an_address_is_named_by_it() -> None:
    article = article_of(FeedEntry("https://news.example/a"), "news", full=True)
    assert (article.title, article.text, article.date_source) == ("https://news.example/a", "", None)


def test_content_that_is_no_html_at_all_costs_nothing_but_itself() -> None:
    assert text_of("\x00\x01", ENTRY.url, "") == ""
    assert text_of("<" * 5000, ENTRY.url, "").strip("<") == ""
    deep = replace(ENTRY, content="<div>" * 50_000 + "deep")
    assert article_of(deep, "news", full=True).text == ENTRY.summary


def test_a_page_is_read_with_all_that_the_list_said_of_it() -> None:
    hint = hint_of(ENTRY)
    assert (hint.title, hint.published, hint.author, hint.summary) == (ENTRY.title, DAY, "Ada Lee", "A chip of its own.")
    assert (hint.image, hint.tags) == (ENTRY.image, ENTRY.tags)
