import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from crawlers.opml import MAX_BYTES, MAX_OUTLINES, read_opml, write_opml
from crawlers.sources import Source, load_sources, source_from
from index.errors import CatalogueError

WHEN = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
READER = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Subscriptions</title></head><body>
  <outline text="Chips">
    <outline text="Fabs" title="Fabs">
      <outline type="rss" text="Wafer Weekly" xmlUrl="https://wafer.example/feed?a=1&amp;copy=2" htmlUrl="https://wafer.example/"
        language="en-GB"/>
      <outline type="rss" title="科技日報" xmlUrl="https://daily.example.tw/rss"/>
    </outline>
    <outline text="机器前线" XMLURL="http://front.example.cn/feed?a=1&amp;b=2" htmlUrl="nonsense"/>
  </outline>
  <outline text="policy"><outline text="Export &amp;amp; Trade" xmlUrl="feed://trade.example/atom.xml"/></outline>
  <outline xmlUrl="https://nameless.example/feed"/>
  <outline text="Wafer Weekly" xmlUrl="https://other.example/feed"/>
  <outline text="Wafer Weekly again" xmlUrl="https://WAFER.example/feed?a=1&amp;copy=2"/>
  <outline text="A link" type="link" url="https://link.example/"/>
  <outline text="A script" xmlUrl="javascript:alert(1)"/>
  <outline text="Le Monde" xmlUrl="https://monde.example/rss" language="fr"/>
</body></opml>""".encode()


class TestAReadersExport:
    sources, rejected = read_opml(READER, "reader.opml")
    by_name = {source.id: source for source in sources}  # noqa: RUF012  # read only

    def test_feeds_in_nested_folders_become_sources(self) -> None:
        assert list(self.by_name) == ["wafer-weekly", "daily-example", "front-example", "export-trade", "nameless-example",
                                      "wafer-weekly-2"]  # fmt: skip
        assert self.by_name["wafer-weekly"].feeds == ("https://wafer.example/feed?a=1&copy=2",)
        assert self.by_name["wafer-weekly"].homepage == "https://wafer.example/"

    def test_attributes_count_however_they_are_written(self) -> None:
        assert self.by_name["front-example"].feeds == ("http://front.example.cn/feed?a=1&b=2",)
        assert self.by_name["export-trade"].feeds == ("http://trade.example/atom.xml",)
        assert self.by_name["export-trade"].name == "Export & Trade"

    def test_language_is_the_attributes_or_that_of_the_titles_script(self) -> None:
        assert [self.by_name[i].language for i in ("wafer-weekly", "daily-example", "front-example")] == [
            "en",
            "zh-Hant",
            "zh-Hans",
        ]

    def test_the_country_follows_from_the_domain(self) -> None:
        assert self.by_name["daily-example"].country == "TW"
        assert self.by_name["wafer-weekly"].country == ""

    def test_a_folder_named_like_a_kind_gives_it_and_all_pass_the_gate(self) -> None:
        assert self.by_name["export-trade"].kind == "policy"
        assert {source.kind for source in self.sources} == {"press", "policy"}
        assert {source.topic for source in self.sources} == {"on-topic"}

    def test_a_missing_name_is_the_host(self) -> None:
        assert self.by_name["nameless-example"].name == "nameless.example"

    def test_what_cannot_be_a_source_is_reported_with_its_line(self) -> None:
        assert self.rejected == [
            "line 14: 'Wafer Weekly again': the feed https://WAFER.example/feed?a=1&copy=2 is listed twice.",
            "line 15: 'A link' has no feed.",
            "line 16: 'A script': not an http(s) address",
            "line 17: 'Le Monde': it is in 'fr'; sources are in English or Chinese.",
        ]


def test_ids_that_are_in_use_are_not_given_again() -> None:
    sources, _ = read_opml(READER, "r", taken=["wafer-weekly", "wafer-weekly-2"])
    assert [source.id for source in sources if source.id.startswith("wafer")] == ["wafer-weekly-3", "wafer-weekly-4"]


class TestRoundTrip:
    written = write_opml(load_sources(), WHEN)
    sources, rejected = read_opml(written.encode(), "chipwire.opml")

    def test_every_source_with_a_feed_comes_back(self) -> None:
        def kept(source: Source) -> tuple[object, ...]:
            return (source.name, source.kind, source.language, source.feeds, source.homepage.rstrip("/"))

        expected = [kept(source) for source in load_sources() if source.feeds]
        assert len(expected) > 100
        assert Counter(map(kept, self.sources)) == Counter(expected)

    def test_sources_without_a_feed_are_named_as_such(self) -> None:
        without = [source for source in load_sources() if not source.feeds]
        assert len(self.rejected) == len(without) > 10
        assert all(line.endswith("has no feed.") for line in self.rejected)

    def test_it_is_well_formed_opml_2(self) -> None:
        root = etree.fromstring(self.written.encode())
        assert (root.tag, root.get("version")) == ("opml", "2.0")
        assert root.findtext("head/dateCreated") == "Mon, 23 Nov 2026 18:30:00 +0000"
        assert {outline.get("type") for outline in root.findall("body/outline/outline")} == {"rss", "link"}
        assert all(outline.get("text") for outline in root.iter("outline"))

    def test_names_are_escaped(self) -> None:
        source = source_from(
            {
                "id": "a",
                "name": '<b>"A" & B</b>',
                "kind": "press",
                "language": "en",
                "feeds": ["https://a.example/f?x=1&y=2"],
                "homepage": "https://a.example/",
            },
            "f",
        )
        back, rejected = read_opml(write_opml([replace(source)], WHEN).encode(), "o")
        assert (back[0].name, back[0].feeds, rejected) == (source.name, source.feeds, [])


class TestHostileLists:
    @pytest.mark.parametrize(
        "body",
        [
            b'<!DOCTYPE opml [<!ENTITY a "aaaa">]><opml><body><outline text="&a;" xmlUrl="https://a.example/"/></body></opml>',
            '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml/>'.encode(
                "utf-16"
            ),
        ],
    )
    def test_entities_are_refused(self, body: bytes) -> None:
        with pytest.raises(CatalogueError, match=r"o\.opml declares entities"):
            read_opml(body, "o.opml")

    @pytest.mark.parametrize("body", [b"", b"hello", b"<html><body/></html>", b"\x00\xff", b"<rss/>"])
    def test_what_is_no_opml_is_refused(self, body: bytes) -> None:
        with pytest.raises(CatalogueError, match=r"o\.opml is not OPML"):
            read_opml(body, "o.opml")

    def test_a_list_beyond_the_limit_is_refused(self) -> None:
        with pytest.raises(CatalogueError, match="larger than 5 MB"):
            read_opml(b"<opml>" + b" " * MAX_BYTES, "o.opml")

    def test_damage_is_mended_and_reported(self) -> None:
        body = b'<opml><body><outline text="A & B" xmlUrl="https://a.example/feed"/></body></opml>'
        sources, rejected = read_opml(body, "o.opml")
        assert [source.feeds for source in sources] == [("https://a.example/feed",)]
        assert len(rejected) == 1
        assert rejected[0].startswith("o.opml: line 1 is not well-formed")

    def test_too_many_outlines_are_cut_and_reported(self) -> None:
        outline = '<outline text="A {0}" xmlUrl="https://a{0}.example/feed"/>'
        body = f"<opml><body>{''.join(outline.format(n) for n in range(MAX_OUTLINES + 5))}</body></opml>"
        sources, rejected = read_opml(body.encode(), "o.opml")
        assert len(sources) == MAX_OUTLINES
        assert rejected == ["o.opml: only the first 5,000 of 5,005 outlines were read."]

    def test_a_list_of_nothing_but_faults_is_reported_in_short(self) -> None:
        body = "<opml><body>" + '<outline text="A"/>' * 1000 + "</body></opml>"
        _, rejected = read_opml(body.encode(), "o.opml")
        assert len(rejected) == 201
        assert rejected[-1] == "and 800 more."

    @pytest.mark.parametrize(
        "piece", [b"<!DOCTYPE ", b"<!DOCTYPE opml ", b"<! ", b"<!DOCTYPE [", b"<opml ", b"&", b"<outline "]
    )
    def test_nothing_repeated_takes_long(self, piece: bytes) -> None:
        began = time.process_time()
        try:
            read_opml(piece * (1_000_000 // len(piece)), "o.opml")
        except CatalogueError:
            pass
        assert time.process_time() - began < 2

    def test_deep_nesting_does_no_harm(self) -> None:
        body = "<opml><body>" + "<outline text='f'>" * 100_000 + "</body></opml>"
        sources, rejected = read_opml(body.encode(), "o.opml")
        assert sources == []
        assert rejected
