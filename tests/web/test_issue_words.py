"""What a draft's page says of the issue, in the reader's language."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.digest.events import event_finder
from index.digest.importance import Known, importance
from index.digest.sections import default_sections
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from tests.conftest import NOW
from web.languages import language

WEEK = "2023-W46"


@pytest.fixture
def chinese(filled: KnowledgeBase) -> Iterator[TestClient]:
    client = TestClient(create_app(filled.settings, filled), base_url="http://localhost", headers={"Accept-Language": "zh-CN"})
    with client:
        yield client


def test_the_draft_speaks_chinese_and_quotes_as_the_outlets_wrote(chinese: TestClient, filled: KnowledgeBase) -> None:
    page = chinese.get(f"/digests/{WEEK}").text
    assert "2023年11月13日 – 2023年11月19日" in page
    assert "1 条新闻，来自 1 家媒体的 2 篇文章，其中 2 篇为独立报道。" in page
    assert "本周新闻较少" in page
    assert "独立报道: " in page
    assert "independent" not in page
    assert filled.digest(WEEK).entries[0].headline in page


def test_the_page_around_a_published_issue_is_chinese_and_the_issue_as_it_went_out(
    chinese: TestClient, filled: KnowledgeBase
) -> None:
    filled.issues.publish(WEEK, "Ada", NOW)
    page = chinese.get(f"/digests/{WEEK}").text
    assert "AI chips, week 2023-W46" in page
    assert "1 story from 2 articles" in page
    assert "导出：" in page
    assert "Published" not in page


def test_every_part_of_a_storys_importance_has_a_chinese_name(reading: Reading) -> None:
    every = Known({}, {}, [], [], 0.0, dict.fromkeys(event_finder().kinds, 1.0))
    parts = set(importance({}, 0, [], 0, every, reading.catalogue)) | set(default_sections().titles.values())
    assert len(parts) > 20
    assert sorted(part for part in parts if part not in language("zh").words) == []
