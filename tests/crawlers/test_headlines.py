import pytest

from crawlers.headlines import LONGEST, headline_from

BODY = "该公司没有透露更多细节。分析人士认为，这一产能要到明年下半年才能用上。"


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        (f"，正文：近日，寒武纪公布了新一代训练芯片。{BODY}", "近日，寒武纪公布了新一代训练芯片"),
        (f"08-14 08:18，正文：台积电上调资本支出。{BODY}", "台积电上调资本支出"),
        (f"财联社8月9日讯（编辑 林某）英伟达推出新款加速卡。{BODY}", "英伟达推出新款加速卡"),
        (f"IT之家 8 月 18 日消息，美光开始送样 HBM3 内存。{BODY}", "美光开始送样 HBM3 内存"),
        (f"7月28日消息，寒武纪被传出裁员。{BODY}", "寒武纪被传出裁员"),
        (f"中新社北京8月11日电 商务部发布报告。{BODY}", "商务部发布报告"),
        (f"【环球网报道】据路透社报道，美国将公布新规。{BODY}", "【环球网报道】据路透社报道，美国将公布新规"),
        ("Micron has begun to sample HBM3 Gen2. It did not say to whom.", "Micron has begun to sample HBM3 Gen2."),
    ],
)
def test_a_text_without_a_title_is_headed_by_its_first_news_without_labels_and_dateline(text: str, headline: str) -> None:
    assert headline_from(text) == headline


@pytest.mark.parametrize(
    "text",
    [
        f"原标题：台积电在美建厂遇阻IT之家8月8日消息，台积电是全球最大的芯片制造商。{BODY}",
        f"原標題：台积电在美建厂遇阻 财联社8月8日讯（编辑 林某）台积电是全球最大的芯片制造商。{BODY}",
        f"，正文：原标题：台积电在美建厂遇阻2023-08-08 11:05:27 作者：林某 台积电是全球最大的芯片制造商。{BODY}",
    ],
)
def test_a_headline_named_as_the_original_ends_where_the_dateline_begins(text: str) -> None:
    assert headline_from(text) == "台积电在美建厂遇阻"


def test_a_long_first_sentence_is_cut_at_a_clause() -> None:
    clause = "这家公司在公告中说新一代加速卡的产能已经全部售出"
    headline = headline_from("，".join([clause] * 6) + "。")
    assert headline == "，".join([clause] * 3) + "…"
    assert len(headline) <= LONGEST


@pytest.mark.parametrize("text", ["财联社8月9日讯", "，正文：", "原标题：", "8月9日消息，", "。", "a"])
def test_a_text_that_is_nothing_but_such_marks_keeps_them(text: str) -> None:
    assert headline_from(text) or text == "。"
