"""The main text of pages in the manner of many sites; every page here was written for these tests."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from lxml import html

from crawlers.body import Body, main_body, tidy, without_chrome

LEAD = "TSMC said on Monday that it would double its advanced packaging capacity within the year, to meet demand."
SECOND = "Customers that design their own accelerators have waited longest, three of them told The Wafer Ledger."
THIRD = "The chairman declined to say which of them would be served first, or at what price the lines are sold."
CHINESE = "台积电表示，将在一年内把先进封装产能提高一倍，以满足人工智能客户的需求。"
CHINESE_SECOND = "自行设计加速器的客户等得最久，其中三家对本刊表示，今年的配额只够做样片。"


def body(markup: str, title: str = "") -> Body:
    return main_body(html.document_fromstring(f"<html><head><title>x</title></head><body>{markup}</body></html>"), None, title)


def paragraphs(markup: str, title: str = "") -> list[str]:
    return body(markup, title).text.split("\n\n")


def p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


ARTICLE = p(LEAD, SECOND, THIRD)
WHOLE = [LEAD, SECOND, THIRD]


def test_an_article_between_navigation_and_footer_is_found_without_semantic_elements() -> None:
    links = "".join(f'<a href="/{n}">Section {n}</a> ' for n in range(40))
    assert (
        paragraphs(f"<div>{links}</div><div><div>{ARTICLE}</div></div><div>{links}<p>An address, a city, a country.</p></div>")
        == WHOLE
    )


def test_headings_lists_quotes_and_code_inside_the_article_stay_in_their_order() -> None:
    markup = (
        f"<article><p>{LEAD}</p><h2>Who waits</h2><ul><li>Cloud providers</li><li>Start-ups</li></ul>"
        f"<blockquote><p>“We take it,” one said.</p></blockquote><pre>nvcc -arch=sm_90 a.cu</pre><p>{SECOND}</p></article>"
    )
    assert paragraphs(markup) == [
        LEAD, "Who waits", "Cloud providers", "Start-ups", "“We take it,” one said.", "nvcc -arch=sm_90 a.cu", SECOND,
    ]  # fmt: skip


def test_inline_elements_do_not_split_words_or_sentences() -> None:
    assert paragraphs(f'<div><p>The H<sub>2</sub>O-cooled <a href="/b"><b>B</b>200</a> ships.</p>{ARTICLE}</div>')[0] == (
        "The H2O-cooled B200 ships."
    )


@pytest.mark.parametrize("between", ["<br>", "<br><br>", "<br/>\n<br/>\n"])
def test_lines_between_breaks_are_paragraphs(between: str) -> None:
    assert paragraphs(f"<div>{LEAD}{between}{SECOND}{between}{THIRD}</div>") == WHOLE


def test_chinese_written_without_full_stops_is_running_text() -> None:
    lines = [f"{CHINESE[:20]}而客户仍在排队等候{n}" for n in "一二三四五六"]
    menu = "".join(f'<li><a href="/{n}">栏目{n}</a></li>' for n in range(30))
    assert paragraphs(f"<div><ul>{menu}</ul></div><div>{p(*lines)}</div>") == lines


FURNITURE = {
    "navigation": "<nav><p>Home, news, reviews and everything else that we have on the chips of this world.</p></nav>",
    "related by class": '<div class="relatedPosts"><p>Foundry prices rise again, and nobody is surprised.</p></div>',
    "related by links": '<ul><li><a href="/1">Foundry prices rise again</a></li><li><a href="/2">Memory is short</a></li></ul>',
    "share bar": '<div class="share-bar"><a href="/t">Tweet</a> <a href="/f">Post</a></div>',
    "advertisement": "<p>Advertisement</p>",
    "sponsored": '<div id="ad-slot-3"><p>Buy wafers now, they are cheaper than they ever were, and better.</p></div>',
    "newsletter": "<div><p>Sign up for our newsletter and get the day's chip news in your inbox.</p></div>",
    "author box": '<div class="author-bio"><p>Ann Lee writes about packaging, and has done so for longer than most.</p></div>',
    "cookie banner": '<div class="cookie-consent"><p>We use cookies to make this site work, and to know who you are.</p></div>',
    "comments": '<section id="comments"><p>First! And what an article it was, I have read none better.</p></section>',
    "hidden": '<div style="display: none"><p>Please switch on scripts, or else you will see nothing of our page.</p></div>',
    "rights": "<p>© 2023 The Wafer Ledger. All rights reserved.</p>",
    "中文 相关": "<p>相关阅读：封装为什么缺货</p>",
    "中文 免责": "<p>免责声明：本文内容仅供学习之用，不代表本站立场。</p>",
    "中文 廣告": "<div>廣告</div>",
    "中文 責編": "<p>（責任編輯：李四）</p>",
    "script": "<script>var subscribe = 'a, b, c, d and e, f, g, h.';</script>",
}


@pytest.mark.parametrize("name", FURNITURE)
def test_furniture_amid_the_article_is_left_out_and_the_article_stays_whole(name: str) -> None:
    markup = f"<article>{p(LEAD, SECOND)}{FURNITURE[name]}{p(THIRD)}</article>"
    assert paragraphs(markup) == WHOLE


@pytest.mark.parametrize(
    "attributes",
    [
        'class="content-with-sidebar"',
        'class="has-ads no-comments"',
        'class="social-media-policy ad"',
        'id="why-you-should-share-it"',
    ],
)
def test_an_article_whose_element_is_named_like_furniture_is_kept(attributes: str) -> None:
    assert paragraphs(f"<div {attributes}>{ARTICLE}</div><div><p>Contact, imprint, jobs.</p></div>") == WHOLE


def test_an_article_that_is_about_newsletters_is_kept() -> None:
    texts = [
        "Subscribe to our newsletter, the page said, and it said so to you.",
        "Sign up for alerts: your inbox, our app, here.",
    ]
    assert paragraphs(f"<article>{p(*texts)}</article>") == texts


def test_captions_are_kept_apart_from_the_text() -> None:
    figure = "<figure><img src=a.png><figcaption>A wafer, held by an engineer in Hsinchu.</figcaption></figure>"
    old = '<p class="wp-caption-text">A carrier of wafers.</p>'
    found = body(f"<article>{p(LEAD)}{figure}{p(SECOND)}{old}{p(THIRD)}</article>")
    assert found.text.split("\n\n") == WHOLE
    assert found.captions == ("A wafer, held by an engineer in Hsinchu.", "A carrier of wafers.")


def test_a_gallery_whose_text_is_in_its_captions_is_no_empty_page() -> None:
    slides = "".join(f"<figure><img><figcaption>{text}</figcaption></figure>" for text in WHOLE)
    assert paragraphs(f"<div>{slides}</div>") == WHOLE


def test_a_table_of_facts_is_one_row_a_paragraph() -> None:
    table = (
        "<table><tr><th>Chip<th>Memory<th>Power</tr><tr><td>H200</td><td><p>141 GB HBM3e</p></td><td>700 W</td></tr>"
        "<tr><td>MI300X</td><td>192 GB<br>HBM3</td><td></td></tr></table>"
    )
    assert paragraphs(f"<article>{p(LEAD)}{table}{p(SECOND)}</article>") == [
        LEAD, "Chip | Memory | Power", "H200 | 141 GB HBM3e | 700 W", "MI300X | 192 GB HBM3", SECOND,
    ]  # fmt: skip


def test_a_table_that_only_places_things_on_the_page_is_unfolded() -> None:
    links = "".join(f'<tr><td><a href="/{n}">Section {n}</a></td></tr>' for n in range(20))
    layout = f"<table><tr><td><table>{links}</table></td><td>{ARTICLE}</td></tr></table>"
    assert paragraphs(layout) == WHOLE


def test_the_headline_the_byline_and_the_date_are_no_paragraphs_but_the_standfirst_is() -> None:
    standfirst = "Packaging is what everybody waits for, and the queue will be longer before it is shorter"
    markup = (
        f"<header><h1>Packaging doubles</h1><p>{standfirst}</p><div class=byline>Ann Lee</div><time>May 2023</time></header>"
        f"<div class='article-body'>{ARTICLE}</div>"
    )
    assert paragraphs(markup, "Packaging doubles") == [standfirst, *WHOLE]


def test_the_article_under_the_headline_wins_over_a_longer_one_below() -> None:
    below = p(*[f"{THIRD} And this was said for the {n}th time in as many weeks." for n in range(4)])
    markup = f"<div><div><h1>Packaging doubles</h1>{p(*WHOLE * 5)}</div><div><h3>Just in</h3>{below}</div></div>"
    assert "as many weeks" not in body(markup, "Packaging doubles").text
    assert LEAD in body(markup, "Packaging doubles").text


def test_a_body_in_several_sections_is_read_whole() -> None:
    sections = "".join(f"<section><h2>Part {n}</h2>{ARTICLE}</section>" for n in range(3))
    assert paragraphs(f"<article>{sections}</article>").count(LEAD) == 3


def test_a_declared_body_serves_where_a_script_would_show_it() -> None:
    script = '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": "%s"}</script>'
    markup = f'{script % (LEAD + chr(92) + "n" + SECOND)}<div id="root"><p>Loading the page, please wait a moment.</p></div>'
    assert paragraphs(markup) == [LEAD, SECOND]
    assert paragraphs(f"{script % LEAD}<article>{ARTICLE}</article>") == WHOLE


def test_text_for_those_without_scripts_serves_where_there_is_no_other() -> None:
    assert paragraphs(f"<div></div><noscript><div>{ARTICLE}</div></noscript>") == WHOLE
    assert paragraphs(f"<article>{ARTICLE}</article><noscript><p>{THIRD} Switch on scripts.</p></noscript>") == WHOLE


@pytest.mark.parametrize(
    "markup", ["", "<div></div>", "<p></p>", "<table><tr><td></td></tr></table>", "<br><br>", "<!-- x -->"]
)
def test_a_page_without_text_has_an_empty_body(markup: str) -> None:
    assert body(markup) == Body("", ())


def test_the_tree_is_not_changed() -> None:
    tree = html.document_fromstring(f"<html><body><nav>Home</nav><table><tr><td>{ARTICLE}</td></tr></table></body></html>")
    before = html.tostring(tree)
    assert main_body(tree, "https://news.example/a").text
    assert html.tostring(tree) == before


HOSTILE: dict[str, Callable[[int], str]] = {
    "deep": lambda n: "<div>" * (n * 100) + LEAD,
    "many paragraphs": lambda n: p(*[LEAD] * n),
    "huge table": lambda n: "<table>" + "<tr><td>H200</td><td>141 GB</td><td>700 W</td></tr>" * n + "</table>",
    "nested tables": lambda n: "<table><tr><td>a</td><td>" * n + LEAD + "</table>" * n,
    "inline script": lambda n: f"<script>{'var a = 1; ' * n * 100}</script>{ARTICLE}",
    "furniture in a line": lambda n: "<p>" + '<span class="ad">a</span>b' * n + "</p>",
    "furniture in furniture": lambda n: '<div class="related"><p>a</p>' * n,
    "unclosed links": lambda n: '<a href="/x"><b>word</b> ' * n,
    "breaks": lambda n: "<p>" + "word, word. <br>" * n + "</p>",
    "headlines": lambda n: "<h1>x</h1><p>word</p>" * n,
    "captions in captions": lambda n: "<figure>" * n + "".join("<figcaption>a, b, c.</figcaption>" for _ in range(n)),
    "empty elements": lambda n: "<i></i>" * n * 4,
    "articles in articles": lambda n: f"<article>{ARTICLE}" * n,
    "bodies of short lines": lambda n: '<div class="post-body"><p>a b</p>' * n,
    "furniture in a body": lambda n: f'<div class="article-body">{ARTICLE}' + f'<p class="ad">{LEAD}</p>' * n,
    "articles side by side": lambda n: f"<article><h2>x</h2><p>{LEAD * 5}</p></article>" * n,
    "lists that place lists": lambda n: f"<ul><li><p>{LEAD}</p><p>a</p>" * n,
    "commas": lambda n: p("a, " * n * 10),
}


LINKS = "".join(f'<li><a href="/{n}">Another story, number {n}</a></li>' for n in range(12))
LONG = p(*(f"{LEAD} {SECOND} {THIRD}" for _ in range(3)))
LONG_WHOLE = [f"{LEAD} {SECOND} {THIRD}"] * 3


def test_lists_that_only_place_things_are_gone_into() -> None:
    comments = "".join(f"<p>I have waited for this since spring, and so have we all, said reader {n}.</p>" for n in range(2))
    left = f"<div>{LONG}</div><div><ul>{LINKS}</ul></div>{comments}"
    right = "".join(f"<p>At {n} o'clock: a short notice of the day</p>" for n in range(9))
    markup = f"<div><ul><li>{left}</li><li><h3>News</h3>{right}</li></ul></div>"
    assert paragraphs(markup)[:3] == LONG_WHOLE
    assert "Another story" not in body(markup).text
    assert "o'clock" not in body(markup).text


def test_the_right_hand_column_is_told_by_its_name() -> None:
    news = p(*(f"Another outlet said on day {n} that it would be slow, as it always says, and so on." for n in range(4)))
    markup = f'<div class="main_box"><div class="main_left">{LONG}</div><div class="main_right">{news}</div></div>'
    assert paragraphs(markup) == LONG_WHOLE


def test_the_body_in_an_element_that_is_named_like_one_is_found() -> None:
    markup = (
        '<div class="article-content"><div class="article-content-left">'
        "<p>Our yearly vote is on: choose the best chip, the best system, and the best talk, then win a prize, or two!</p>"
        f'<div class="article" id="artibody">{LONG}</div><ul>{LINKS}</ul></div></div>'
    )
    assert paragraphs(markup) == LONG_WHOLE


def test_a_disclaimer_as_long_as_the_article_is_not_taken_for_it() -> None:
    disclaimer = (
        "【免责声明】本文仅代表作者本人观点，与本网无关。本网对文中陈述、观点判断保持中立，"
        "不对所包含内容的准确性、可靠性或完整性提供任何保证。"
    )
    article = f'<div class="w6"><p>{CHINESE}{CHINESE_SECOND}</p><p>（责任编辑：HN001）</p></div>'
    markup = f'<div>{article}<div class="s"><p>{disclaimer}</p></div><div>你可能会喜欢</div></div>'
    assert paragraphs(markup) == [f"{CHINESE}{CHINESE_SECOND}"]


def test_names_of_furniture_on_every_part_of_an_article_are_not_believed() -> None:
    parts = "".join(f'<section class="Report__Part Report__Part--Ads"><p>{text}</p></section>' for text in LONG_WHOLE)
    assert paragraphs(f"<article>{parts}<aside><ul>{LINKS}</ul></aside></article>") == LONG_WHOLE


def test_verse_and_lists_in_a_named_body_are_an_article_too() -> None:
    verse = [f"Line {n} of a song" for n in range(30)]
    sidebar = (
        "<aside><p>To our readers: your contribution lets us continue, thank you for it, and for all of your time.</p></aside>"
    )
    markup = f'<div class="post-body"><p>{"</p><p>".join(verse)}</p></div>{sidebar}'
    assert paragraphs(markup) == verse


def test_of_articles_that_a_page_appends_the_one_with_the_headline_is_read() -> None:
    first = f"<article><h2>Packaging doubles within a year</h2>{LONG}</article>"
    second = f"<article><h2>Memory is short again this winter</h2>{p(*(f'{THIRD} {LEAD}' for _ in range(4)))}</article>"
    assert (
        paragraphs(f"<main>{first}{second}</main>", "Packaging doubles within a year")
        == ["Packaging doubles within a year", *LONG_WHOLE][1:]
    )


def test_without_any_names_a_long_tail_of_lines_is_cut_off() -> None:
    tail = "".join(f"<div><span>reader{n}</span></div><div>3 hours ago</div><div>reply</div>" for n in range(12))
    assert paragraphs(f"<div>{LONG}{tail}</div>") == LONG_WHOLE


@pytest.mark.parametrize(
    "end", ["返回搜狐，查看更多", "（责任编辑：张三）", "【编辑：李四】", "（責任編輯：王五）返回首页", "[责编:赵六]"]
)
def test_what_chinese_sites_append_to_the_last_sentence_is_taken_off(end: str) -> None:
    assert paragraphs(f"<div><p>{CHINESE}</p><p>{CHINESE_SECOND}{end}</p></div>") == [CHINESE, CHINESE_SECOND]


def test_a_first_line_that_a_sentence_goes_on_from_is_no_byline() -> None:
    assert paragraphs(f"<div><p>下周一，</p><p>{CHINESE}</p><p>{CHINESE_SECOND}</p></div>")[0] == "下周一，"


def test_a_heading_is_not_furniture_by_its_own_anchor() -> None:
    markup = f'<article><p>{LEAD}</p><h3 id="nav_only_the_foil_remains">Only the foil remains</h3><p>{SECOND}</p></article>'
    assert paragraphs(markup) == [LEAD, "Only the foil remains", SECOND]


def test_a_long_name_of_a_box_is_a_name_all_the_same() -> None:
    note = "Senior editor for all things tech, who lives in New York, and likes long walks."
    box = f'<div id="mvp-author-box-wrap"><p>{note}</p></div>'
    assert paragraphs(f"<article>{LONG}{box}</article>") == LONG_WHOLE


def test_what_follows_a_closing_line_is_left_out_though_it_is_no_heading() -> None:
    other = "另一家公司的客户也在排队，这是上周的消息，与本文无关，只是放在这里。"
    assert paragraphs(f"<div>{p(CHINESE, CHINESE_SECOND, CHINESE, '延伸 · 推荐', other)}</div>") == [
        CHINESE,
        CHINESE_SECOND,
        CHINESE,
    ]


def steps(markup: str) -> int:
    """How many Python functions are called to read the page: a measure of time that no other process disturbs."""
    tree = html.document_fromstring(f"<html><body>{markup}</body></html>")
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        main_body(tree, None, "x")
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_work_grows_no_faster_than_the_page(kind: str) -> None:
    make = HOSTILE[kind]
    few, many = steps(make(500)), steps(make(2000))
    assert few > 10
    assert many < 4.6 * few + 2000


def test_a_tree_of_200_000_levels_is_survived() -> None:
    assert isinstance(body("<div>" * 200_000 + LEAD), Body)
    assert body("<b>" * 200_000 + LEAD + "</b>" * 200_000 + ARTICLE) is not None


def test_tidy_leaves_one_blank_line_between_paragraphs_and_only_printable_characters() -> None:
    assert tidy(" a\u00a0 b \n\n\n\u200b\n c\ud800\x07\u3000d\r\n") == "a b\n\nc d"
    assert tidy("") == ""


def test_closing_markers_count_in_the_second_half_only() -> None:
    text = "\n\n".join([LEAD, "Read more: x", SECOND, THIRD, "版权声明：转载请联系", "x"])
    assert without_chrome(text).split("\n\n") == [LEAD, "Read more: x", SECOND, THIRD]
    assert (
        without_chrome("Packaging doubles\n\nBy Ann Lee\n\n14 November 2023 in Taipei\n\n" + LEAD, "Packaging doubles") == LEAD
    )
    assert without_chrome("Short") == "Short"
    assert without_chrome(f"新华社台北11月14日电\n\n{CHINESE}\n\n{CHINESE_SECOND}").startswith("新华社")
