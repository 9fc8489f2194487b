"""No number, date or name in an exported issue that is not in the source which stands beside it."""

import email
import email.policy
import html
import json
import re
from datetime import timedelta

import pytest

from index.digest.compose import Digest
from index.digest.mail import mail_text
from index.digest.render import render
from index.knowledge_base import KnowledgeBase

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def issues(kb: KnowledgeBase) -> list[Digest]:
    return [kb.digest(week) for week, _ in kb.weeks()]


def test_every_extract_is_a_substring_of_its_article(filled: KnowledgeBase) -> None:
    checked = 0
    for digest in issues(filled):
        for story in json.loads(render(digest, "json"))["stories"]:
            for extract in story["extract"]:
                text = filled.article(extract["article_id"]).article.text
                assert text[extract["start"] : extract["end"]].replace("\n", " ") == extract["text"]
                checked += 1
    assert checked > 3


def test_every_figure_stands_in_the_sentence_that_it_is_taken_from(filled: KnowledgeBase) -> None:
    checked = 0
    for digest in issues(filled):
        for entry in digest.entries:
            for figure in entry.figures:
                article = filled.article(figure.claim.article_id).article
                whole = article.title if figure.claim.field == "title" else article.text
                assert whole[figure.claim.start : figure.claim.end] == figure.claim.quote
                assert figure.claim.written in figure.claim.quote
                assert set(NUMBER.findall(figure.value)) <= set(NUMBER.findall(figure.claim.quote))
                checked += 1
    assert checked > 0


@pytest.mark.parametrize("form", ["md", "html", "eml"])
def test_every_number_of_every_format_is_in_an_article_or_counts_the_issue(filled: KnowledgeBase, form: str) -> None:
    for digest in issues(filled):
        text = render(digest, form)
        if form == "eml":
            message = email.message_from_string(text, policy=email.policy.default)
            part = message.get_body(("plain",))
            assert part is not None
            text = part.get_content()
        text = re.sub(r"<style>.*?</style>|<[^>]*>|\]\([^)]*\)|https?://\S+", " ", text, flags=re.DOTALL)
        text = html.unescape(text)
        text = "\n".join(line for line in text.split("\n") if "Word by word" not in line)
        articles = [filled.article(c.article.id).article for entry in digest.entries for c in entry.coverage]
        counts = (digest.articles, digest.origins, digest.sources, len(digest.entries), *(e.copies for e in digest.entries),
                  *(f.origins for e in digest.entries for f in e.figures))  # fmt: skip
        # What is written in Chinese is told in English beside it: 1050亿 is 105 billion, exactly.
        readings = [figure.english or "" for entry in digest.entries for figure in entry.figures]
        days = (digest.since.day, (digest.until - timedelta(days=1)).day, digest.since.year)
        known = " ".join(
            [
                *(f"{a.title} {a.text} {a.time.day}" for a in articles),
                digest.week,
                *map(str, counts),
                *map(str, days),
                *readings,
            ]
        )
        assert set(NUMBER.findall(text)) <= set(NUMBER.findall(known)), form


def test_a_mail_opens_as_a_mail_with_a_plain_part_beside_the_html(filled: KnowledgeBase) -> None:
    digest = filled.digest("2023-W46")
    message = email.message_from_string(mail_text(digest), policy=email.policy.default)
    assert message.get_content_type() == "multipart/alternative"
    assert message["Subject"].startswith("AI chips, week 2023-W46: ")
    page, plain = message.get_body(("html",)), message.get_body(("plain",))
    assert page is not None
    assert plain is not None
    assert len(page.get_content().encode()) < 100_000
    assert "<script" not in page.get_content()
    assert not re.findall(r'(?:src|background)="?http', page.get_content())
    for entry in digest.entries:
        assert entry.headline in plain.get_content()
