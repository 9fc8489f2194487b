"""The interface in two languages: whatever a template says is said in both."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.knowledge.entities import KINDS
from web import languages
from web.languages import choose, language
from web.pages import STANDINGS
from web.saved_searches import STATES
from web.search_page import FACETS

WEB = Path(languages.__file__).parent
MOMENT = datetime(2023, 11, 4, 8, tzinfo=UTC)


def said() -> set[str]:
    """Every English text that the templates and pages hand to be said."""
    found: set[str] = set()
    for template in (WEB / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        found |= set(re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', text))
        found |= {match[1] for match in re.finditer(r'\btn\(.*?, "[^"]*", "([^"]*)"\)', text)}
        found |= {label for listed in re.findall(r"\{% for \w+, (?:label|does|key) in \((.*?)\) %\}", text)
                  for label in re.findall(r'"([A-Z][^"/]*|[a-z]{2,}[^"/_]* [^"]*)"', listed)}  # fmt: skip
    for module in WEB.glob("*.py"):
        found |= set(re.findall(r'\.say\(\s*"([^"]*)"', module.read_text("utf-8")))
    return found


def test_whatever_is_said_has_its_chinese_with_the_same_names_filled_in() -> None:
    words = language("zh").words
    texts = said() | {title for _, title, _ in FACETS} | set(STANDINGS) | set(STATES) | set(KINDS)
    assert len(texts) > 120
    assert sorted(texts - set(words)) == []
    for english, chinese in words.items():
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese)), english
        assert chinese.strip() == chinese != ""


def test_the_words_are_each_listed_once() -> None:
    tomllib.loads((WEB / "words" / "zh.toml").read_text("utf-8"))  # TOML itself refuses a key that stands there twice


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        (None, None, "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "fr-FR, zh;q=0.4, en;q=0.5", "en"),
        (None, "de", "en"),
        (None, "zh;q=nonsense, en;q=0.1", "en"),
        (None, ",;q=,zh" * 1000, "zh"),
        ("en", "zh-CN", "en"),
        ("zh", "en", "zh"),
        ("../etc", "en", "en"),
    ],
)
def test_a_reader_gets_what_they_chose_or_what_their_browser_asks_for(
    cookie: str | None, accepted: str | None, code: str
) -> None:
    assert choose(cookie, accepted).code == code


def test_dates_and_counts_follow_the_language() -> None:
    english, chinese = language("en"), language("zh")
    assert (english.date(MOMENT), chinese.date(MOMENT)) == ("4 Nov 2023", "2023年11月4日")
    assert (english.month(MOMENT), chinese.month(MOMENT)) == ("Nov 2023", "2023年11月")
    assert (english.short_date(MOMENT), chinese.short_date(MOMENT)) == ("4 Nov", "11月4日")
    assert english.count(1, "1 story", "{n} stories") == "1 story"
    assert english.count(1234, "1 story", "{n} stories") == "1,234 stories"
    assert chinese.count(1, "1 story", "{n} stories") == "1 条新闻"


def test_what_has_no_translation_stays_english() -> None:
    assert language("zh").say("A sentence that nobody translated") == "A sentence that nobody translated"
