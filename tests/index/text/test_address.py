import pytest

from index.text.address import canonical_url, host_of, is_web_address


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTPS://News.Example:443/A?utm_source=x&id=3#top", "https://news.example/A?id=3"),
        ("http://news.example", "http://news.example/"),
        ("http://a:b@news.example:8080/x", "http://news.example:8080/x"),
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
