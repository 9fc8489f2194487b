import random

import pytest

from index.text.address import canonical_url, host_of, is_edition, is_web_address, url_key


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTPS://News.Example:443/A?utm_source=x&id=3#top", "https://news.example/A?id=3"),
        ("http://news.example", "http://news.example/"),
        ("http://a:b@news.example:8080/x", "http://news.example:8080/x"),
        ("https://news.example/a/./b/../c%7ed%2f%E6%96%87", "https://news.example/a/c~d%2F%E6%96%87"),
        ("https://news.example/../../etc/", "https://news.example/etc/"),
        ("https://news.example/a?gclid=1&b=2&_hsenc=3", "https://news.example/a?b=2"),
        ("https://news.example/a?spm=1.2&from=timeline&isappinstalled=0", "https://news.example/a"),
        ("https://news.example/list?from=20", "https://news.example/list?from=20"),
        ("https://mp.weixin.qq.com/s?__biz=M%3D&mid=1&sn=a", "https://mp.weixin.qq.com/s?__biz=M%3D&mid=1&sn=a"),
        ("https://news-example.cdn.ampproject.org/c/s/news.example/a/amp/?utm_source=x", "https://news.example/a/amp/"),
        ("https://www.google.com/amp/s/news.example/a.amp.html", "https://news.example/a.amp.html"),
        ("https://新闻.example/文章", "https://xn--efvy88h.example/%E6%96%87%E7%AB%A0"),
    ],
)
def test_the_same_page_has_one_address(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical


@pytest.mark.parametrize(
    "written",
    ["javascript:alert(1)", "ftp://x.example/", "//x.example", "", "http://", "http://a b.example/", "http://x:99999/"],
)
def test_what_is_no_web_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        canonical_url(written)
    assert not is_web_address(written)


def test_a_host_is_known_without_www() -> None:
    assert host_of("https://www.News.example/a") == "news.example"
    assert host_of("not an address") == ""


@pytest.mark.parametrize(
    "other",
    [
        "http://news.example/2023/a",
        "https://www.news.example/2023/a/",
        "https://m.news.example/2023/a",
        "https://wap.news.example/2023/a/index.html",
        "https://amp.news.example/2023/a/amp/",
        "https://news.example/2023/a?amp=1",
        "https://news.example/2023/a.amp.html",
        "https://news-example.cdn.ampproject.org/c/s/news.example/2023/a",
        "https://news.example/2023/a?utm_campaign=x#comments",
    ],
)
def test_all_editions_of_a_page_share_a_key(other: str) -> None:
    assert url_key(other) == url_key("https://news.example/2023/a")


@pytest.mark.parametrize(
    "other",
    [
        "https://news.example/2023/A",
        "https://news.example/2023/a?p=2",
        "https://news.example/2023/a/b",
        "https://cn.news.example/2023/a",
        "https://news.example:8443/2023/a",
        "https://news.example/2023/a.pdf",
        "https://m.example/2023/a",
    ],
)
def test_other_pages_have_other_keys(other: str) -> None:
    assert url_key(other) != url_key("https://news.example/2023/a")


def test_parameters_may_stand_in_any_order() -> None:
    assert url_key("https://news.example/a?b=2&a=1") == url_key("https://news.example/a?a=1&b=2")


def test_mobile_and_amp_editions_are_told_from_the_main_page() -> None:
    assert is_edition("https://m.news.example/a")
    assert is_edition("https://news.example/a/amp")
    assert not is_edition("https://www.news.example/a")
    assert not is_edition("https://m.example/lamp")


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_an_address_that_stays_as_it_is_or_a_value_error(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [
        "http://",
        "https://",
        "HTTP:",
        "//",
        "/",
        "a.example",
        "m.",
        "文",
        "%",
        "%2f",
        "%zz",
        "..",
        "/./",
        "?",
        "&",
        "=",
        "#",
        "@",
        ":",
        "99999",
    ]
    pieces += ["[", "]", "::1", "\\", " ", "\x00", "\ud800", "amp", "utm_source", "\u200b", "。", "xn--", "😀"]
    read = 0
    for _ in range(400):
        text = chance.choice(["", "http://a.example/", "https://a.example/?", "http://"]) + "".join(
            chance.choices(pieces, k=chance.randrange(8))
        )
        try:
            once = canonical_url(text)
        except ValueError:
            continue
        read += 1
        assert canonical_url(once) == once, text
        assert url_key(once) == url_key(text), text
    assert read > 20
