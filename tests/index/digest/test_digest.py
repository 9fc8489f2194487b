import json
from dataclasses import replace
from datetime import timedelta

import pytest

from index.digest.compose import BRIEF
from index.digest.mail import mail
from index.digest.render import mail_html, render
from index.errors import FilterError
from index.knowledge_base import KnowledgeBase
from tests.conftest import HBM, MAIA, MAIA_ZH, NOW, article


def test_a_week_has_its_stories_by_importance_with_articles_grouped(filled: KnowledgeBase) -> None:
    lesser = article(
        "Small note on cooling", "A maker of fans said that demand rose. It gave no figures.", published=MAIA.published
    )
    filled.ingest([lesser], NOW)
    filled.refresh(NOW)
    digest = filled.digest("2023-W46")
    assert [entry.headline for entry in digest.entries] == [MAIA.title, "Small note on cooling"]
    assert {c.article.title for c in digest.entries[0].coverage} == {MAIA.title, MAIA_ZH.title}
    assert digest.entries[0].importance == pytest.approx(sum(digest.entries[0].parts.values()), abs=1e-3)


def test_an_extract_is_verbatim_and_linked_to_its_source(filled: KnowledgeBase) -> None:
    for entry in filled.digest("2023-W46").entries:
        assert 2 <= len(entry.extract) <= 3
        for extract in entry.extract:
            assert extract.article.text[extract.start : extract.end] == extract.text
            assert extract.article.id in {c.article.id for c in entry.coverage}
            assert f"]({extract.article.url})" in render(filled.digest("2023-W46"), "md")


def test_a_chinese_only_story_carries_its_gloss_marked_as_such(writer: KnowledgeBase) -> None:
    writer.ingest([MAIA_ZH], NOW)
    writer.refresh(NOW)
    [entry] = writer.digest("2023-W46").entries
    assert entry.headline == MAIA_ZH.title
    assert entry.headline_gloss is not None
    assert entry.headline_gloss.startswith("Microsoft")
    assert "Word by word: Microsoft" in render(writer.digest("2023-W46"), "md")


def test_copies_are_counted_and_not_listed(filled: KnowledgeBase) -> None:
    copy = replace(MAIA, url="https://copy.example/1", source="copycat", published=(MAIA.published or NOW) + timedelta(hours=3))
    filled.ingest([copy], NOW)
    filled.refresh(NOW)
    text = render(filled.digest("2023-W46"), "md")
    assert "1 copy" in text
    assert "copy.example" not in text


def test_the_same_data_gives_the_same_bytes(filled: KnowledgeBase) -> None:
    for form in ("md", "html", "json", "eml"):
        assert render(filled.digest("2023-W46"), form) == render(filled.digest("2023-W46"), form)


def test_an_empty_week_says_so(filled: KnowledgeBase) -> None:
    assert "No articles are stored for this week." in render(filled.digest("2020-W10"), "md")
    assert json.loads(render(filled.digest("2020-W10"), "json"))["stories"] == []


def test_the_json_has_what_the_contract_names(filled: KnowledgeBase) -> None:
    document = json.loads(render(filled.digest("2023-W34"), "json"))
    [story] = document["stories"]
    assert {"id", "headline", "importance", "summary", "articles"} <= set(story)
    assert {"article_id", "url", "role"} <= set(story["articles"][0])
    assert story["headline"] == HBM.title


def test_markdown_and_html_cannot_be_broken_by_a_headline(writer: KnowledgeBase) -> None:
    evil = article(
        "TSMC <script>alert(1)</script> [x](javascript:alert(2)) *bold*", "A first sentence that is long enough to be one here."
    )
    writer.ingest([replace(evil, url="https://e.example/a(b)c")], NOW)
    writer.refresh(NOW)
    markdown = render(writer.digest("2023-W46"), "md")
    assert "\\[x\\](javascript" in markdown
    assert "(https://e.example/a%28b%29c)" in markdown
    assert "<script>" not in markdown.replace("\\<script", "")
    assert "<script>" not in render(writer.digest("2023-W46"), "html")


@pytest.mark.parametrize(("week", "form"), [("2023-W60", "md"), ("x", "md"), ("2023-W46", "pdf")])
def test_a_wrong_week_or_format_is_named(filled: KnowledgeBase, week: str, form: str) -> None:
    with pytest.raises(FilterError):
        render(filled.digest(week), form)


def flood(kb: KnowledgeBase, number: int) -> None:
    """So many stories in a week, of which nothing joins two."""
    names = [
        f"{a}{b}"
        for a in ("Bar", "Cor", "Dun", "Fel", "Gar", "Hol", "Jas", "Kem", "Lor", "Mur")
        for b in ("an", "eth", "ix", "o", "us", "yl", "ar", "in")
    ]
    kb.ingest(
        [
            article(
                f"{name} opens a plant in {name}stadt",
                f"{name} has opened a plant for wafers in {name}stadt. It makes {n + 3} kinds of {name.lower()}ite.",
                published=MAIA.published,
                source=f"source-{n}",
            )
            for n, name in enumerate(names[:number])
        ],
        NOW,
    )
    kb.refresh(NOW)


def test_what_matters_least_in_a_full_week_is_told_in_brief(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.digest.compose.IN_FULL", 5)
    flood(filled, 20)
    digest = filled.digest("2023-W46")
    assert len(digest.entries) > 10
    assert [entry.section == BRIEF for entry in digest.entries] == [n >= 5 for n in range(len(digest.entries))]
    assert all(len(entry.extract) == 1 and not entry.figures for entry in digest.entries[5:])
    assert digest.sections[-1][0] == BRIEF
    importances = [entry.importance for entry in digest.entries]
    assert importances == sorted(importances, reverse=True)


def test_a_mail_has_the_first_stories_and_says_how_many_more_there_are(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood(filled, 40)
    digest = filled.digest("2023-W46")
    whole = len(mail_html(digest).encode())
    monkeypatch.setattr("index.digest.mail.MOST_HTML", whole // 2)
    message = mail(digest)
    html, plain = (message.get_body((kind,)).get_content() for kind in ("html", "plain"))  # type: ignore[union-attr]
    assert whole // 3 < len(html.encode()) <= whole // 2
    shown = [entry for entry in digest.entries if entry.headline in html]
    assert shown == list(digest.entries[: len(shown)])
    assert f"{len(digest.entries) - len(shown)} stories more than a mail has room for" in html
    assert shown[-1].headline in plain
    assert digest.entries[len(shown)].headline not in plain
    assert f"{len(digest.entries)} stories from" in html


def test_a_lead_in_without_a_fact_gives_way_to_the_sentence_that_says_what_the_headline_does(writer: KnowledgeBase) -> None:
    feature = article(
        "Micron samples HBM4 to NVIDIA with 2 terabytes a second",
        "The race had looked decided for a long time to most of those who follow it closely from outside.\n\n"
        "Micron has sent samples of HBM4 with a bandwidth of 2 terabytes a second to NVIDIA, it said on Tuesday. "
        "They are stacks of twelve layers. Production begins in 2026 at its plant in Idaho.",
    )
    writer.ingest([feature], NOW)
    writer.refresh(NOW)
    [entry] = writer.digest("2023-W46").entries
    assert entry.extract[0].text.startswith("Micron has sent samples of HBM4")
    assert not any(extract.text.startswith(("The race", "They are")) for extract in entry.extract)


def test_a_sentence_that_became_the_headline_is_not_told_again(writer: KnowledgeBase) -> None:
    first = "台积电宣布斥资900亿新台币在铜锣兴建先进封装厂"
    text = (
        f"财联社7月25日讯（编辑 卞纯）{first}。该厂预定2026年底完成建厂，创造约1500个就业机会。"
        "台积电表示，英伟达和AMD对CoWoS先进封装的需求强劲，明年产能将比今年增加一倍。"
    )
    writer.ingest([replace(article(first, text), lang="zh")], NOW)
    writer.refresh(NOW)
    [entry] = writer.digest("2023-W46").entries
    assert entry.headline == first
    assert len(entry.extract) == 2
    assert not any(first in extract.text for extract in entry.extract)
