import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawlers.listpage import MAX_BYTES, MAX_ENTRIES, MAX_PAGES, next_page, parse_list, read_page
from crawlers.listrule import ListRule
from crawlers.sources import load_sources
from index.errors import ExtractionError

PAGES = Path(__file__).parent / "listpages"
PRESS_CENTRE = "https://pr.foundry.example/english/latest-news"
PAGER = "https://body.example/news/pressreleases"
CARDS = "https://finance.example/news/"
RULE = ListRule(url=PRESS_CENTRE, pattern=r"^https://pr\.foundry\.example/english/news/\d+$")
ROWS = ListRule(url=PRESS_CENTRE, links="div.row", pattern=r"/english/news/\d+$", date=".day")
ARTICLES = ListRule(url=PAGER, links="article", pattern="/pressreleases/", title="h3", date="time, .date", next="li.pager-next")
CARD = ListRule(url=CARDS, pattern=r"/news/\d+\.html$", date=".when")


def page(name: str) -> bytes:
    return (PAGES / name).read_bytes()


class TestAPressCentreOfPlainLinks:
    entries = parse_list(page("press-centre.html"), PRESS_CENTRE, RULE)

    def test_addresses_are_absolute_canonical_and_each_there_once(self) -> None:
        assert [entry.url for entry in self.entries] == [
            "https://pr.foundry.example/english/news/3361",
            "https://pr.foundry.example/english/news/3358",
            "https://pr.foundry.example/english/news/3355",
        ]

    def test_a_title_is_the_words_of_the_link_rather_than_of_its_picture(self) -> None:
        assert self.entries[0].title == "Example Foundry Holds Its Supply Chain Forum"

    def test_a_link_without_words_is_titled_by_its_attribute(self) -> None:
        assert self.entries[2].title == "A release whose link has no words"

    def test_dates_are_unknown_without_a_selector(self) -> None:
        assert [entry.published for entry in self.entries] == [None, None, None]

    def test_dates_are_read_beside_the_link_where_items_are_selected(self) -> None:
        taipei = ZoneInfo("Asia/Taipei")
        entries = parse_list(page("press-centre.html"), PRESS_CENTRE, ROWS, zone=taipei)
        assert [entry.published for entry in entries] == [
            datetime(2026, 11, 19, tzinfo=taipei),
            datetime(2026, 11, 10, tzinfo=taipei),
            None,
        ]
        assert [entry.url for entry in entries] == [entry.url for entry in self.entries]


class TestAPagedListOfArticles:
    entries = parse_list(page("pager.html"), PAGER, ARTICLES)

    def test_the_link_is_the_article_and_none_of_its_tags(self) -> None:
        assert [entry.url.rsplit("/", 1)[1] for entry in self.entries] == [
            "new-memory-standard-for-accelerators",
            "forum-announced",
        ]

    def test_titles_come_from_the_selector(self) -> None:
        assert [entry.title for entry in self.entries] == ["New Memory Standard for Accelerators", "Forum announced"]

    def test_a_date_is_the_machine_readable_one_or_the_written_one(self) -> None:
        assert self.entries[0].published == datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
        assert self.entries[1].published == datetime(2026, 11, 3, tzinfo=UTC)

    def test_the_next_page_is_on_the_same_host(self) -> None:
        assert next_page(page("pager.html"), PAGER, ARTICLES) == f"{PAGER}?page=2"

    def test_the_last_page_has_no_next_one(self) -> None:
        last = page("pager.html").replace(b"pager-next", b"pager-last")
        assert next_page(last, PAGER, ARTICLES) is None

    def test_a_page_that_links_itself_as_the_next_one_ends_the_list(self) -> None:
        assert next_page(page("pager.html"), f"{PAGER}?page=2", ARTICLES) is None


class TestChineseCardsInGB2312:
    entries = parse_list(page("cards-gb2312.html"), CARDS, CARD, zone=ZoneInfo("Asia/Shanghai"))

    def test_the_only_heading_of_a_card_is_its_title(self) -> None:
        assert [entry.title for entry in self.entries] == ["国产算力芯片流片成功", "先进封装产能仍然紧张"]

    def test_the_list_itself_and_its_channels_are_no_articles(self) -> None:
        assert [entry.url for entry in self.entries] == [f"{CARDS}102950001.html", f"{CARDS}102950002.html"]

    def test_a_time_without_zone_is_the_outlets(self) -> None:
        assert self.entries[0].published == datetime(2026, 11, 20, 13, 3, tzinfo=UTC)

    def test_a_date_without_a_year_is_not_guessed(self) -> None:
        assert self.entries[1].published is None


EXAMPLES = {
    "https://www.qualcomm.com/news/releases": "/news/releases/2025/10/qualcomm-unveils-ai200-and-ai250 /news/releases/2025",
    "https://www.mediatek.com/press-room": "/press-room/mediatek-develops-chip-utilizing-tsmcs-2nm /press-room/all",
    "https://tenstorrent.com/vision": "/vision/tenstorrent-announces-tt-ascalon /vision?page=2",
    "https://groq.com/blog": "/blog/the-groq-lpu-explained /blog?tag=lpu",
    "https://groq.com/newsroom": "/newsroom/groq-launches-data-center /newsroom",
    "https://ai.meta.com/blog/": "/blog/meta-llama-3-1/ /blog/?page=2",
    "https://www.anthropic.com/news": "/news/expanding-our-use-of-google-cloud-tpus /company",
    "https://pr.tsmc.com/english/latest-news": "/english/news/3340 /english/news-archives",
    "https://pr.tsmc.com/chinese/latest-news": "/chinese/news/3340 /english/news/3340",
    "https://www.smics.com/en/site/news": "/en/site/news_read/7949 /en/site/news",
    "https://www.rapidus.inc/en/news_topics/": "/en/news_topics/information/rapidus-2nm/ /en/news_topics/information/",
    "https://www.asml.com/en/news/press-releases": "/en/news/press-releases/2026/q1-2026-results /en/news/stories/2026/x",
    "https://www.trendforce.com/presscenter/news": "/presscenter/news/20260703-13133.html /presscenter/rss",
    "https://www.trendforce.com.tw/presscenter/news": "/presscenter/news/20260616-13100.html /presscenter/news",
    "https://www.bis.gov/news-updates": "/press-release/department-commerce-announces-rescission /regulations/ear",
    "https://www.jedec.org/news/pressreleases": "/news/pressreleases/jedec-publishes-gddr7 /news/pressreleases?page=1",
    "https://www.mofcom.gov.cn/xwfb/xwfyrth/index.html": "art/2025/art_9eadf7e9c71c4a4f80d7ca5ea5759a28.html /zwgk/",
    "https://www.laoyaoba.com/": "/n/871460 /n/column/3",
    "https://www.yicai.com/news/": "/news/103179254.html /news/kechuang/",
    "http://www.semi-insights.com/": "/s/bdt/15/50538.shtml /s/bdt/15.shtml",
    "https://www.huawei.com/cn/news": "/cn/news/2025/9/hc-superpod-innovation /cn/news?page=2",
    "https://www.mthreads.com/news": "/news/310 /news/category",
    "https://www.dramx.com/News/": "/News/made-sealing/20240711-36651.html /News/made-sealing/",
    "https://www.eet-china.com/news/": "/news/202604299557.html /news/category-1.html",
    "https://www.esmchina.com/": "/news/13256.html /news/",
    "https://www.eefocus.com/": "/article/2085777.html /article/",
    "https://www.umc.com/en/News/press_release": "/en/News/press_release/Content/technology_related/20251022 /en/News/events",
}


@pytest.mark.parametrize(
    "rule", [rule for source in load_sources() for rule in source.lists], ids=lambda rule: rule.url.partition("//")[2]
)
def test_every_rule_of_the_catalogue_takes_articles_and_nothing_else(rule: ListRule) -> None:
    article, other = EXAMPLES[rule.url].split()
    body = f'<ul><li><a href="/">H</a><li><a href="{other}">O</a><li><a href="/jobs">J</a><li><a href="{article}">A</a></ul>'
    found = parse_list(body.encode(), rule.url, rule)
    assert [entry.title for entry in found] == ["A"]
    assert found[0].url.endswith(article)


class TestWhatGoesWrong:
    def test_a_page_that_nothing_matches_says_what_was_looked_for(self) -> None:
        body = page("press-centre.html")
        with pytest.raises(ExtractionError, match=r"no link that matches '/article/'"):
            parse_list(body, PRESS_CENTRE, ListRule(url=PRESS_CENTRE, pattern="/article/"))
        with pytest.raises(ExtractionError, match=r"nothing that matches 'li\.news'"):
            parse_list(body, PRESS_CENTRE, ListRule(url=PRESS_CENTRE, links="li.news"))

    def test_what_is_excluded_is_left_out(self) -> None:
        rule = ListRule(url=PRESS_CENTRE, links=".row a", exclude="/335")
        assert [e.url[-4:] for e in parse_list(page("press-centre.html"), PRESS_CENTRE, rule)] == ["3361"]

    def test_a_page_built_by_script_says_that_it_may_need_a_browser(self) -> None:
        with pytest.raises(ExtractionError, match="may need a browser"):
            parse_list(b"<html><body><div id=app></div><script>load()</script></body></html>", PRESS_CENTRE, RULE)

    @pytest.mark.parametrize("body", [b"", b"  \n", b"no page at all", b"<", b"\x00\xff<\x00", b"%PDF-1.7 <<"])
    def test_what_is_no_page_is_refused(self, body: bytes) -> None:
        with pytest.raises(ExtractionError):
            parse_list(body, PRESS_CENTRE, RULE)

    def test_a_page_beyond_the_limit_is_refused(self) -> None:
        with pytest.raises(ExtractionError, match="larger than 10 MB"):
            parse_list(b"<p>" + b"x" * MAX_BYTES, PRESS_CENTRE, RULE)

    @pytest.mark.parametrize(
        "body",
        [
            b"<div>" * 200_000 + b'<a href="/english/news/1">x</a>',
            b'<a href="/jobs">x</a>' * 200_000,
            (b"<ul><li>" * 120 + b"<a href=/q>x</a>" * 500) * 300,
            b"<a href='/english/news/1" + b"0" * 3_000_000 + b"'>x</a>",
            b'<base href="//[">' + b"<a href='http://[::1'>x</a>" * 50_000,
        ],
        ids=["deep", "wide", "nested", "long address", "broken addresses"],
    )
    def test_a_hostile_page_costs_a_moment_and_no_more(self, body: bytes) -> None:
        started = time.monotonic()
        for rule in (RULE, ListRule(url=PRESS_CENTRE, links="li, div", title="h2", date="time")):
            try:
                parse_list(body, PRESS_CENTRE, rule)
            except ExtractionError:
                pass
        assert time.monotonic() - started < 20

    def test_no_more_entries_than_the_limit_are_returned(self) -> None:
        body = "".join(f'<a href="/english/news/{n}">{n}</a>' for n in range(MAX_ENTRIES + 100))
        assert len(parse_list(body.encode(), PRESS_CENTRE, RULE)) == MAX_ENTRIES


class TestNumberedPages:
    rule = ListRule(url=CARDS, pattern="/news/", next=f"{CARDS}?p={{page}}&size=20")

    def test_the_second_page_comes_after_the_lists_own(self) -> None:
        assert next_page(b"", CARDS, self.rule) == f"{CARDS}?p=2&size=20"

    def test_pages_are_counted_on(self) -> None:
        assert next_page(b"", f"{CARDS}?p=9&size=20", self.rule) == f"{CARDS}?p=10&size=20"

    def test_counting_goes_on_where_a_redirect_hid_the_number(self) -> None:
        body = page("cards-gb2312.html")
        assert read_page(body, CARDS, self.rule, 1)[1] == f"{CARDS}?p=2&size=20"
        assert read_page(body, CARDS, self.rule, 4)[1] == f"{CARDS}?p=5&size=20"
        assert read_page(body, f"{CARDS}?p=7&size=20", self.rule, 4)[1] == f"{CARDS}?p=8&size=20"

    def test_a_page_is_read_with_its_entries(self) -> None:
        entries, older = read_page(page("pager.html"), PAGER, ARTICLES, 1)
        assert (len(entries), older) == (2, f"{PAGER}?page=2")

    def test_counting_ends(self) -> None:
        assert next_page(b"", f"{CARDS}?p={MAX_PAGES}&size=20", self.rule) is None

    def test_a_rule_without_next_has_one_page(self) -> None:
        assert next_page(page("pager.html"), PAGER, RULE) is None
