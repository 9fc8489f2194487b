"""An article's text on its page: links on mentions, English on Chinese words, and never markup of its own."""

import re

from index.knowledge_base import KnowledgeBase
from index.views import ArticleView
from tests.conftest import NOW, article
from web.article_text import paragraphs


def view_of(writer: KnowledgeBase, text: str, **values: object) -> ArticleView:
    writer.ingest([article("A headline 标题", text, **values)], NOW)
    [stored] = writer.latest(1)
    return writer.article(stored.id)


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#34;", '"')


def test_mentions_are_links_to_their_entities(writer: KnowledgeBase) -> None:
    view = view_of(writer, "Nvidia sells the H100.\n\nTSMC makes it.", lang="en")
    first, second = paragraphs(view, writer.reading.glosser)
    assert '<a class="mention" href="/entities/nvidia">Nvidia</a> sells' in first.html
    assert '<a class="mention" href="/entities/tsmc">TSMC</a> makes it.' in second.html
    assert "word" not in first.html


def test_chinese_words_have_their_english_and_mentions_stay_links(writer: KnowledgeBase) -> None:
    view = view_of(writer, "英伟达的算力芯片由台积电代工。", lang="zh")
    [only] = paragraphs(view, writer.reading.glosser, english=True)
    assert '<a class="mention" href="/entities/nvidia">英伟达</a>' in only.html
    assert re.search(r'<span class="word" title="foundry[^"]*">代工</span>', only.html)
    assert plain(only.html) == view.article.text
    assert only.gloss
    assert only.gloss.startswith("NVIDIA")


def test_rough_english_comes_only_when_it_is_asked_for(writer: KnowledgeBase) -> None:
    view = view_of(writer, "台积电代工。", lang="zh")
    assert paragraphs(view, writer.reading.glosser)[0].gloss is None


def test_markup_in_a_text_is_shown_as_it_was_written(writer: KnowledgeBase) -> None:
    text = '<script>alert("算力")</script> & <b>英伟达</b>芯片'
    view = view_of(writer, text, lang="zh")
    [only] = paragraphs(view, writer.reading.glosser)
    assert "<script" not in only.html
    assert "<b>" not in only.html
    assert plain(only.html) == text


def test_every_paragraph_of_the_text_is_there(writer: KnowledgeBase) -> None:
    text = "第一段说英伟达。\n\n\n\n第二段说AMD与算力。\n还有一行。\n\n第三段。"
    view = view_of(writer, text, lang="zh")
    assert "\n\n".join(plain(each.html) for each in paragraphs(view, writer.reading.glosser)) == re.sub(
        r"\n{2,}", "\n\n", view.article.text
    )
