import time

import pytest

from crawlers.rough_text import running_text


def test_paragraphs_and_titles_are_kept_and_navigation_is_not() -> None:
    page = """<html><head><title>Title of it</title><style>p { x: "A sentence." }</style>
    <script>f("A sentence.")</script></head>
    <body><ul><li><a href="/">Home</a></li><li>Semiconductors</li></ul><h1>The <em>headline</em></h1>
    <p>A first paragraph that the editor
       has broken into lines.</p><p>Short one!</p><div>No end but it goes on for a long while, which no entry of a menu and no
    headline does, so that it is taken for the running text of an article all the same</div>
    <td>台积电扩产。</td><td>更多</td></body>"""
    assert running_text(page).split("\n")[:4] == [
        "Title of it",
        "The ",
        "A first paragraph that the editor has broken into lines.",
        "Short one!",
    ]
    assert running_text(page).endswith("台积电扩产。")
    assert "for a long while" in running_text(page)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>The H<b>100</b> chip.</p>", "The H100 chip."),
        ("<p>One.<br>Two.</p>", "One.\nTwo."),
        ("<p>&#21488;&#31215;&#30005;&hellip;</p>", "台积电…"),
        ("<p>Before.</p><script>never closed.", "Before."),
        ("<p>Before.</p><STYLE>x.</STYLE >After.", "Before.\nAfter."),
        ("<p>Cut off in <a", ""),
        ("no markup at all.", "no markup at all."),
        ("", ""),
    ],
)
def test_words_stay_whole_and_lines_apart(page: str, text: str) -> None:
    found = [line.strip() for line in running_text(page).split("\n")]
    assert "\n".join(found).replace(">", "").strip() == text


@pytest.mark.parametrize(
    "piece", ["<script>", "</script><script>", "<a ", "<title>", "<", "&#", "<h1 x", "\0", "<b><p>.", "<!--"]
)
def test_time_grows_with_the_page_only(piece: str) -> None:
    def spent(pieces: int) -> float:
        before = time.process_time()
        running_text(piece * pieces)
        return time.process_time() - before

    spent(20_000)
    assert spent(320_000) < 40 * max(spent(20_000), 0.002)
