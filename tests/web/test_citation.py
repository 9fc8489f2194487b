"""Citations can be pasted where they are meant for."""

from dataclasses import replace

from index.knowledge_base import KnowledgeBase
from tests.conftest import NOW, article
from web.citation import citations


def cited(writer: KnowledgeBase, title: str, **values: object) -> dict[str, str]:
    writer.ingest([article(title, **values)], NOW)
    [stored] = writer.latest(1)
    return {citation.form: citation.text for citation in citations(stored, "The Wafer Ledger")}


def test_an_article_is_cited_in_three_forms(writer: KnowledgeBase) -> None:
    forms = cited(writer, "Maia 100 is here", url="https://w.example/maia", author="Ana Lin", published=NOW)
    assert forms["Plain"] == "Ana Lin. Maia 100 is here. The Wafer Ledger. 2024-06-01. https://w.example/maia"
    assert forms["Markdown"] == "[Maia 100 is here](https://w.example/maia), The Wafer Ledger, 2024-06-01"
    assert forms["BibTeX"].startswith("@online{example20240601-")
    assert "  title = {{Maia 100 is here}},\n  author = {{Ana Lin}}," in forms["BibTeX"]
    assert forms["BibTeX"].endswith("  url = {https://w.example/maia}\n}")


def test_what_would_be_markup_is_escaped(writer: KnowledgeBase) -> None:
    forms = cited(writer, "50% off [H100] & {more}_*", url="https://w.example/a_(b)", published=None)
    assert forms["Markdown"].startswith("[50% off \\[H100\\] & {more}\\_\\*](https://w.example/a_%28b%29)")
    assert r"{{50\% off [H100] \& \{more\}\_*}}" in forms["BibTeX"]
    assert "year" not in forms["BibTeX"], "no day is claimed where none is known"


def test_only_web_addresses_are_named(writer: KnowledgeBase) -> None:
    writer.ingest([article("Kept from a file")], NOW)
    [stored] = writer.latest(1)
    forms = citations(replace(stored, url="javascript:alert(1)"), "Files")
    assert not any("javascript" in form.text for form in forms)
