import pytest

from crawlers.walls import wall


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            b"<html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>",
            "a bot check (Cloudflare)",
        ),
        (b"<title>Attention Required! | Cloudflare</title>", "a refusal (Cloudflare)"),
        (b"<html><head><title>Access Denied</title></head><body>You don't have permission", "a refusal (access denied)"),
        (b"<title>Pardon Our Interruption</title>", "a bot check (Imperva)"),
        (b'<script src="https://geo.captcha-delivery.com/captcha/"></script>', "a bot check (DataDome)"),
        (b'<form action="https://consent.yahoo.com/v2/collectConsent">', "a consent page"),
        (b"<title>Verify you are human</title>", "a captcha"),
        ("<title>安全验证</title>".encode(), "a captcha"),
        ("<title>访问过于频繁，请稍后再试</title>".encode("gbk"), "a captcha"),
    ],
)
def test_what_stands_in_the_way_is_named(body: bytes, what: str) -> None:
    assert wall(body, {"content-type": "text/html"}) == what


def test_the_header_of_a_challenge_is_enough() -> None:
    assert wall(b"", {"cf-mitigated": "challenge"}) == "a bot check (Cloudflare)"


@pytest.mark.parametrize(
    "body",
    [
        b"<title>How captchas train AI chips</title><p>Access denied errors rose.</p>",
        b"<html><title>News</title>" + b"<p>A long page that loads a script of datadome.</p>" * 3000,
        "<title>芯片验证工具发布</title>".encode(),
    ],
)
def test_an_article_is_no_wall(body: bytes) -> None:
    assert wall(body, {"content-type": "text/html; charset=utf-8"}) is None


def test_a_feed_is_never_taken_for_a_wall() -> None:
    assert wall(b"<rss><title>Access Denied</title></rss>", {"content-type": "application/rss+xml"}) is None
