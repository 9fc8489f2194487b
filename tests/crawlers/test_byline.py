"""The lines between headline and text, and what they say of the time."""

from datetime import UTC, datetime

import pytest
from lxml import html

from crawlers.byline import Byline, byline_of, dates_in, visible_lines

SEEN = datetime(2023, 11, 20, 8, tzinfo=UTC)
TITLE = "TSMC doubles its packaging capacity"
TEXT = "TSMC said it would double its advanced packaging capacity within the year.\n\nDemand exceeds what it can make today."


def times(*near: str, after: tuple[str, ...] = ()) -> tuple[str | None, str | None]:
    published, updated = dates_in(Byline(near, after), UTC, SEEN)
    return tuple(f"{each.moment:%m-%d %H:%M}" if each else None for each in (published, updated))  # type: ignore[return-value]


def test_lines_below_the_headline_come_before_those_above_it() -> None:
    lines = [
        "Menu",
        "Hardware",
        TITLE,
        "By Ada Lee",
        "Nov 13, 2023",
        *TEXT.split("\n\n"),
        "Originally on Pacific Wire",
        "Imprint",
    ]
    found = byline_of(lines, TITLE, TEXT)
    assert found.near[:2] == ("By Ada Lee", "Nov 13, 2023")
    assert "Hardware" in found.near
    assert "Originally on Pacific Wire" in found.after
    assert not set(TEXT.split("\n\n")) & {*found.near, *found.after}


def test_a_byline_below_a_standfirst_is_found_though_the_text_begins_above_it() -> None:
    first, second = TEXT.split("\n\n")
    found = byline_of([TITLE, first, "By Ada Lee", "8 January 2020, 3:51 pm", second, "Imprint, 1 May 2023"], TITLE, TEXT)
    assert found.near[:2] == ("By Ada Lee", "8 January 2020, 3:51 pm")
    assert "Imprint, 1 May 2023" not in found.near


def test_a_first_paragraph_that_repeats_the_headline_does_not_hide_the_byline() -> None:
    title = "封装产能翻倍之后，谁先拿到货：三家设计公司的答案都一样"
    text = f"本文原标题：《{title}》\n\n先进封装的产能在一年里翻了一倍，排队的客户却没有变少，答案都一样。"
    found = byline_of(["首页", title, "2019-08-13 14:07 来源：片上纪要", "字号", *text.split("\n\n")], title, text)
    assert found.near[0] == "2019-08-13 14:07 来源：片上纪要"


def test_without_headline_or_text_there_is_what_there_is() -> None:
    assert byline_of([], "", "") == Byline()
    assert byline_of(["By Ada Lee"], "", "").near == ("By Ada Lee",)
    assert "By Ada Lee" in byline_of(["By Ada Lee", *TEXT.split("\n\n")], "Not in the page", TEXT).near


def test_lines_are_those_that_a_reader_sees() -> None:
    tree = html.document_fromstring(
        "<body><script>var x = 1</script><h1>A <b>chip</b></h1><p>By<br>Ada   Lee</p><p hidden>secret</p>"
        "<p style='display:none'>secret</p><template>secret</template><div>one<div>two</div></div></body>"
    )
    assert visible_lines(tree) == ["A chip", "By", "Ada Lee", "one", "two"]


@pytest.mark.parametrize(
    "line",
    [
        "Updated Nov 14, 2023 10:00",
        "更新时间：2023-11-14 10:00",
        "页面更新:2023-11-14 10:00",
        "Last modified: 2023-11-14 10:00",
        "最后更新于 2023-11-14 10:00",
        "2023-11-14 10:00 更新",
    ],
)
def test_an_updates_date_is_never_the_publications(line: str) -> None:
    assert times(line) == (None, "11-14 10:00")


def test_both_dates_of_a_line_are_told_apart() -> None:
    assert times("Published Nov 13, 2023 09:00 | Updated Nov 14, 2023 10:00") == ("11-13 09:00", "11-14 10:00")
    assert times("Updated Nov 14, 2023 10:00, first published Nov 13, 2023 09:00") == ("11-13 09:00", "11-14 10:00")


def test_a_labelled_date_comes_before_one_that_only_stands_there() -> None:
    assert times("Nov 10, 2023 08:00", "发布时间：2023-11-13 09:00")[0] == "11-13 09:00"


def test_below_the_text_only_a_label_makes_a_date_count() -> None:
    assert times(after=("Nov 10, 2023 08:00",)) == (None, None)
    assert times(after=("发布于 2023-11-13 09:00",)) == ("11-13 09:00", None)
    assert times(after=("页面更新:2024-03-07",))[0] is None
