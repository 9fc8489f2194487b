import csv
import json
import re
from collections import Counter
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawlers.listrule import selector
from crawlers.sources import FOLDER, KINDS, Source, choose, entry_of, load_sources, source_from
from index.errors import CatalogueError, NotFound
from index.knowledge.entities import load_catalogue
from index.text.address import canonical_url

GOOD = {"id": "a-b", "name": "A", "kind": "press", "language": "en", "feeds": ["https://a.example/feed"]}
LIST = {"url": "https://a.example/news", "pattern": "/news/"}
CATALOGUE = load_sources()
_OVER_HTTP = {"c114", "c-fol", "dostor", "zol-cpu", "yesky", "people-scitech", "semi-insights"}


class TestTheCatalogue:
    def test_it_is_large_enough_for_an_analyst(self) -> None:
        assert len(CATALOGUE) >= 90

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_of_source_is_there(self, kind: str) -> None:
        assert [source for source in CATALOGUE if source.kind == kind]

    @pytest.mark.parametrize(("language", "least"), [("en", 60), ("zh-Hans", 20), ("zh-Hant", 5)])
    def test_every_language_is_there(self, language: str, least: int) -> None:
        assert sum(source.language == language for source in CATALOGUE) >= least

    @pytest.mark.parametrize("country", ["US", "CN", "TW", "KR", "JP", "NL", "GB"])
    def test_every_country_with_a_chip_industry_is_there(self, country: str) -> None:
        assert [source for source in CATALOGUE if source.country == country]

    def test_sources_known_by_name_keep_their_ids(self) -> None:
        assert {source.id for source in CATALOGUE} >= {
            "nvidia-blog", "nvidia-newsroom", "nvidia-developer", "amd-press", "intel-newsroom", "google-cloud-blog",
            "aws-news", "azure-blog", "meta-engineering", "skhynix-newsroom", "semianalysis", "semiengineering",
            "trendforce-news", "servethehome", "tomshardware-semiconductors", "ithome", "qbitai", "zhidx", "36kr", "c114",
            "tsmc", "qualcomm", "groq", "meta-ai", "yicai",
        }  # fmt: skip

    def test_no_address_belongs_to_two_sources(self) -> None:
        counted = Counter(canonical_url(address) for source in CATALOGUE for address in source.addresses)
        assert [address for address, times in counted.items() if times > 1] == []

    def test_no_name_belongs_to_two_sources(self) -> None:
        counted = Counter(source.name for source in CATALOGUE)
        assert [name for name, times in counted.items() if times > 1] == []

    def test_every_file_says_that_its_entries_could_not_be_tried(self) -> None:
        files = sorted(FOLDER.glob("*.toml"))
        assert len(files) >= 8
        for path in files:
            assert "None of these could be tried" in path.read_text(encoding="utf-8").split("[[source]]")[0]


LEFT_OUT = {
    "https://tenstorrent.com/feed/": "the site declares no feed; its list page is read",
    "https://www.theregister.com/headlines.atom": "the sections on AI, data centres and semiconductors are read",
    "https://techcrunch.com/news-sitemap.xml": "its feed has the same",
    "https://spectrum.ieee.org/feeds/feed.rss": "the topics semiconductors and AI are read",
    "https://www.cnbc.com/sitemap_news.xml": "the technology feed is read",
    "https://www.laoyaoba.com/api/rss/hbb": "robots.txt disallows /api; its list page is read",
    "http://www.people.com.cn/rss/politics.xml": "no news of chips",
}
"""Of the list of feeds that the project began with: what is not in the catalogue, and why."""


@pytest.mark.shared
def test_every_feed_of_the_first_list_is_in_the_catalogue_or_left_out_for_a_reason(shared: Path) -> None:
    with (shared / "data" / "feeds" / "news_feeds.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["url"] for row in csv.DictReader(file)}
    known = {address.rstrip("/") for source in CATALOGUE for address in (*source.addresses, *source.archive)}
    assert {url for url in listed if url.rstrip("/") not in known} == set(LEFT_OUT)


@pytest.mark.parametrize("source", CATALOGUE, ids=lambda source: source.id)
class TestEverySource:
    def test_is_complete(self, source: Source) -> None:
        assert source.homepage
        assert source.country
        assert source.expected is not None
        assert source.expected[1] > 0, "nobody lists a source that never publishes"
        assert source.stored == "full" or source.terms, "what may not be copied says why"

    def test_belongs_to_a_known_company(self, source: Source) -> None:
        assert not source.company or load_catalogue().get(source.company), "its company is in the entity catalogue"

    def test_is_read_over_https_unless_its_site_has_none(self, source: Source) -> None:
        plain = [address for address in (*source.addresses, *source.archive) if not address.startswith("https://")]
        assert bool(plain) == (source.id in _OVER_HTTP)
        assert not plain or "http" in source.note

    def test_has_a_time_zone(self, source: Source) -> None:
        assert source.zone.key != "UTC" or source.timezone == "UTC", "its country has a zone, or it names one"

    def test_has_a_name_in_latin_letters_if_it_writes_english(self, source: Source) -> None:
        assert source.language != "en" or source.name.isascii()

    def test_list_rules_compile_and_are_anchored_to_a_site(self, source: Source) -> None:
        for rule in source.lists:
            assert rule.pattern.startswith("^http"), "a link to another site is no article of this one"
            assert re.compile(rule.pattern).groups == 0
            for css in (rule.links, rule.title, rule.date, "" if rule.numbered else rule.next):
                assert not css or selector(css)

    def test_survives_being_kept_as_an_entry(self, source: Source) -> None:
        assert source_from(json.loads(json.dumps(entry_of(source))), "kept") == source

    def test_paces_itself(self, source: Source) -> None:
        assert 1 <= source.delay <= 60


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": "A B"}, "'A B': id is not a lower-case slug"),
        ({"id": "a" * 65}, "at most 64 characters"),
        ({"id": 7}, "id must be a string"),
        ({"kind": "blog"}, "kind 'blog' is none of vendor"),
        ({"language": "fr"}, "language 'fr' is none of en"),
        ({"topic": "some"}, "topic 'some' is none of all"),
        ({"stored": "never"}, "stored 'never' is none of full"),
        ({"country": "usa"}, "country 'usa' is not two capital letters"),
        ({"company": "Big Co"}, "company 'Big Co' is not an entity's id"),
        ({"homepage": "a.example"}, "homepage: 'a.example': not an http"),
        ({"timezone": "Taipei"}, "timezone 'Taipei' is not an IANA name"),
        ({"timezone": "../../etc/passwd"}, "is not an IANA name"),
        ({"feeds": ["ftp://x"]}, "feeds: 'ftp://x': not an http"),
        ({"feeds": "https://x.example"}, "feeds must be a list of addresses"),
        ({"feeds": [["https://x.example"]]}, "feeds: .*: not an http"),
        ({"feeds": ["https://x.example"] * 2}, "feeds lists an address twice"),
        ({"archive": ["x"]}, "archive: 'x': not an http"),
        ({"feeds": []}, "has none of feeds, sitemaps and lists"),
        ({"feeds": [], "archive": ["https://a.example/sitemap.xml"]}, "has none of feeds, sitemaps and lists"),
        ({"delay": -1}, "delay must be from 0 to 600"),
        ({"delay": True}, "delay must be"),
        ({"delay": float("nan")}, "delay must be"),
        ({"expected": [1]}, "expected must be two numbers"),
        ({"expected": [5, 1]}, "the lower one first"),
        ({"expected": [-1, 1]}, "from 0 up"),
        ({"expected": [0, float("inf")]}, "expected must be two numbers"),
        ({"expected": [0, 10**400]}, "expected must be two numbers"),
        ({"expected": "1-5"}, "expected must be two numbers"),
        ({"javascript": "yes"}, "javascript must be true or false"),
        ({"terms": "one\ntwo"}, "terms must be one line"),
        ({"user_agent": "Mozilla/5.0\r\nX: y"}, "user_agent must be one line"),
        ({"name": "A\ufffe"}, "name must be one line"),
        ({"user_agent": "浏览器"}, "user_agent must be ASCII"),
        ({"name": 7}, "name must be a string"),
        ({"name": "  "}, "lacks 'name'"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"lists": {"url": "https://a.example"}}, "lists must be tables"),
        ({"lists": ["https://a.example"]}, "lists must be tables"),
        ({"lists": [{**LIST, "colour": "red"}]}, "lists has the unknown key 'colour'"),
        ({"lists": [{"pattern": "/n/"}]}, "lists lacks 'url'"),
        ({"lists": [{**LIST, "url": "/news"}]}, "lists: url: '/news': not an http"),
        ({"lists": [{**LIST, "pattern": "("}]}, "lists: pattern: '\\(' is not a regular expression"),
        ({"lists": [{**LIST, "exclude": 5}]}, "lists: exclude must be a string"),
        ({"lists": [{**LIST, "links": "a[["}]}, "lists: links: 'a\\[\\[' is not a CSS selector"),
        ({"lists": [{**LIST, "date": "time::text"}]}, "lists: date: 'time::text' is not a CSS selector"),
        ({"lists": [{**LIST, "next": "/page/{page}"}]}, "lists: next: '/page/2': not an http"),
        ({"lists": [{"url": "https://a.example/news"}]}, "needs 'links' or 'pattern'"),
    ],
)
def test_an_entry_that_breaks_the_schema_is_named(change: dict[str, object], why: str) -> None:
    with pytest.raises(CatalogueError, match=f"^file.toml: .*{why}") as caught:
        source_from({**GOOD, **change}, "file.toml")
    assert "\n" not in str(caught.value).replace("\\n", "")


@pytest.mark.parametrize("key", ["id", "name", "kind", "language"])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(CatalogueError, match=f"lacks '{key}'"):
        source_from({k: v for k, v in GOOD.items() if k != key}, "file.toml")


def test_an_entry_is_read_whole() -> None:
    entry = {
        **GOOD,
        "country": "TW",
        "lists": [{**LIST, "next": "https://a.example/news?p={page}"}],
        "sitemaps": ["https://a.example/sitemap.xml"],
        "archive": ["https://a.example/archive.xml"],
        "expected": [0, 2.5],
        "delay": 2,
        "javascript": True,
    }
    source = source_from(entry, "f")
    assert source.addresses == ("https://a.example/feed", "https://a.example/sitemap.xml", "https://a.example/news")
    assert source.lists[0].numbered
    assert source.expected == (0.0, 2.5)
    assert source.javascript
    assert source.zone == ZoneInfo("Asia/Taipei")
    assert entry_of(source) == entry


def test_a_list_page_alone_makes_a_source() -> None:
    entry = {**GOOD, "lists": [LIST]}
    del entry["feeds"]
    assert source_from(entry, "f").addresses == ("https://a.example/news",)


@pytest.mark.parametrize(("given", "zone"), [({}, "UTC"), ({"country": "XX"}, "UTC"), ({"country": "KR"}, "Asia/Seoul")])
def test_the_zone_is_the_countrys_where_none_is_named(given: dict[str, str], zone: str) -> None:
    assert source_from({**GOOD, **given}, "f").zone == ZoneInfo(zone)
    assert source_from({**GOOD, **given, "timezone": "Asia/Tokyo"}, "f").zone == ZoneInfo("Asia/Tokyo")


def test_sources_are_chosen_by_id() -> None:
    sources = [source_from(GOOD, "f"), source_from({**GOOD, "id": "c"}, "f")]
    assert [s.id for s in choose(sources, ["c"])] == ["c"]
    assert choose(sources, []) == sources
    with pytest.raises(NotFound, match="There are: a-b, c"):
        choose(sources, ["x"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1", "has no \\[\\[source\\]\\]"),
        ("[source]\nid = 'a'", "has no \\[\\[source\\]\\]"),
        ("source = [1]", "1 is no \\[\\[source\\]\\] entry"),
        ("[[source]\n", "s.toml: "),
        ("[[source]]\nid = 'a'\nname = 'A'", "'a' lacks 'kind'"),
    ],
)
def test_a_file_that_holds_no_sources_is_an_error(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(CatalogueError, match=why):
        load_sources([tmp_path / "s.toml"])


def test_an_id_in_two_files_names_both(tmp_path: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(
            '[[source]]\nid="a"\nname="A"\nkind="press"\nlanguage="en"\nfeeds=["https://a.example/feed"]\n'
        )
    with pytest.raises(CatalogueError, match=r"two\.toml: the source 'a' is listed twice, first in .*one\.toml"):
        load_sources([tmp_path / "one.toml", tmp_path / "two.toml"])


def test_every_key_has_a_meaning_in_the_docstring() -> None:
    documented = Source.__doc__ or ""
    plain = {"id", "name", "kind", "language", "country", "homepage", "note"}
    assert [each.name for each in fields(Source) if each.name not in plain and f"``{each.name}``" not in documented] == []
