"""The on-topic gate, on texts written for it: the field, its neighbours, and words that only look like it."""

from collections.abc import Iterator

import pytest

from crawlers.newsroom.catalogue import load_newsroom
from index.knowledge.reading import Reading
from index.knowledge.topic import THRESHOLD, TopicGate

ON = {
    "accelerator": (
        "Start-up samples inference chip that needs no HBM",
        (
            "The company says its first AI accelerator, taped out on a 5 nm process at TSMC, keeps a model's "
            "weights in on-chip memory. Samples went to two cloud providers in May; a rack of 64 cards draws 30 "
            "kilowatts."
        ),
    ),
    "export controls": (
        "Washington closes a gap in its chip rules",
        (
            "The Commerce Department's new export controls take in overseas subsidiaries of companies on the "
            "Entity List. Makers of semiconductor equipment had shipped tools to them from third countries. ASML "
            "and Tokyo Electron said they were studying the text."
        ),
    ),
    "memory": (
        "Memory prices turn upwards",
        (
            "Contract prices of DRAM rose for a second month as SK hynix and Micron moved wafer capacity to "
            "high-bandwidth memory. Server makers said that AI servers take three times as much of it as "
            "ordinary ones."
        ),
    ),
    "results": (
        "Foundry's quarter beats its own forecast",
        (
            "TSMC reported revenue of 17.3 billion dollars, helped by 3 nm wafers for accelerators. Advanced "
            "packaging stays sold out into next year, its chief executive told analysts, and capital spending "
            "will rise."
        ),
    ),
    "data centre": (
        "Thousands of GPUs sit in the dark, waiting for power",
        (
            "The cluster was to train its first model in March. Its 16,000 H100s are racked, cabled with "
            "InfiniBand and cooled, but the utility cannot connect the data centre before autumn, so the "
            "operator rents its neighbour's capacity."
        ),
    ),
    "lithography": (
        "Second high-NA scanner is on its way",
        (
            "ASML has shipped the machine in 250 crates. Intel will use extreme ultraviolet light of a wider "
            "angle for its 14A node; one tool costs as much as a large aircraft."
        ),
    ),
    "国产芯片": (
        "壁仞新一代GPU流片成功",
        (
            "壁仞科技今日宣布，新一代通用GPU已完成流片，采用芯粒设计和先进封装，主要面向大模型训练。公司称将在明"
            "年初向数据中心客户送样，软件栈兼容主流框架。"
        ),
    ),
    "代工": (
        "",
        (
            "台积电今日公布月度营收，受先进制程需求带动同比增长两成。公司表示，CoWoS封装产能仍然吃紧，新厂预计下"
            "半年开始装机，美国厂进度则有所推迟。"
        ),
    ),
    "出口管制": (
        "美国拟进一步收紧对华半导体出口",
        (
            "知情人士称，美国商务部正考虑把更多芯片制造设备列入出口管制清单，荷兰和日本的设备厂商也可能受影响。国"
            "内晶圆厂近期加快采购刻蚀设备。"
        ),
    ),
    "存储": (
        "",
        ("SK海力士表示，明年的HBM3E产能已全部售罄。公司正把部分DRAM产线转去生产高带宽内存，以满足英伟达等客户的AI芯片需求。"),
    ),
    "繁體": (
        "輝達追單，台積電先進封裝產能滿載",
        "供應鏈指出，輝達已向台積電追加先進封裝訂單，AI伺服器出貨可望逐季成長，晶圓代工報價也將調漲。",
    ),
}

OFF = {
    "potato chips": (
        "Maker of potato chips recalls 4,000 bags",
        (
            "The chips may contain milk that is not on the label. Nobody has fallen ill. Shops take the bags of "
            "tortilla chips back as well."
        ),
    ),
    "blue chips": (
        "Blue-chip index ends the week lower",
        (
            "The Dow Jones fell 0.4 percent and the S&P 500 was flat; Apple, Exxon and Nvidia slipped, while "
            "banks rose after the Federal Reserve left rates alone. Crude oil gained a dollar. Bond yields were "
            "little changed before the inflation report."
        ),
    ),
    "laptop": (
        "Review: a light laptop with a bright display",
        (
            "The notebook has a 14-inch OLED display with a refresh rate of 120 Hz, an Intel Core Ultra "
            "processor, 32 GB of memory and a battery life of eleven hours. The keyboard is quiet, the speakers "
            "are not. Fast charging takes an hour; the discount ends on Sunday."
        ),
    ),
    "phone": (
        "Hands-on: this phone's camera sees in the dark",
        (
            "The smartphone uses a Qualcomm processor made on a 4 nm process, and a 50-megapixel camera with a "
            "new lens. Its screen is brighter, the battery holds 5,000 mAh, and wireless charging is back. The "
            "handset goes on sale on Friday."
        ),
    ),
    "game": (
        "What your PC needs for the year's biggest game",
        (
            "At the lowest setting gamers need a GeForce GTX 1060 GPU and 16 GB of memory; for 60 frames per "
            "second an RTX 4070. The gameplay trailer shows the new console version, which has no ray tracing."
        ),
    ),
    "chatbot": (
        "Chatbot learns to read spreadsheets",
        (
            "OpenAI's ChatGPT can now open a user's spreadsheets and draw charts of them. The feature comes to "
            "paying users this week; Google's Gemini app and Microsoft's Copilot have something like it."
        ),
    ),
    "bargaining chip": (
        "Fish quotas are a bargaining chip again",
        (
            "The minister said that access to waters would be the chip that both sides play last. Fishermen in "
            "the harbour expect little from the talks."
        ),
    ),
    "apple and orchards": (
        "Apple growers fear a late frost",
        "The orchards have been in blossom since Easter. Amazon deforestation, by contrast, slowed.",
    ),
    "the plastic": (
        "",
        ("7月25日，某券商发布基础化工周报：TPU上游原料供应收紧，价格连续三周上调，聚氨酯行业开工率回落，多家工厂计划检修。"),
    ),
    "手机": (
        "",
        (
            "这款手机今日开售，首发价2599元，采用6.7英寸屏幕，刷新率120Hz，后置5000万像素主摄，内置5000mAh电池并"
            "支持67W快充，搭载联发科天玑处理器，共有三种配色，京东和天猫同步开售。"
        ),
    ),
    "游戏本": (
        "",
        (
            "新款游戏本上架，16英寸屏幕分辨率为2.5K，搭载英特尔酷睿i9处理器和RTX 4060显卡，16GB内存加1TB固态硬盘"
            "，机身重量2.4公斤，首发到手价7999元，前一百名晒单送鼠标。"
        ),
    ),
    "大盘": (
        "",
        (
            "今日A股三大指数集体收跌，沪指跌0.6%，两市成交额7800亿元。盘面上，白酒、券商、煤炭板块涨幅居前，芯片"
            "、传媒、汽车整车板块跌幅居前，北向资金净卖出62亿元。"
        ),
    ),
    "汽车": (
        "",
        (
            "这款新车将于下月上市，提供三种续航里程，最长可达700公里。车机系统搭载高通骁龙座舱芯片，前排座椅支持"
            "通风按摩，车主还可选装激光雷达。"
        ),
    ),
    "寒武纪": (
        "",
        (
            "考古队在云南发现一批寒武纪早期化石，保存了罕见的软体构造。研究人员说，这为了解动物起源提供了新材料，"
            "博物馆将于暑期展出。"
        ),
    ),
    "乡镇": (
        "",
        (
            "全市招商推介会昨日举行，现场签约项目23个，涵盖新能源、半导体、生物医药、文化旅游等领域，与会领导表示"
            "将持续优化营商环境，推动高质量发展。"
        ),
    ),
}


@pytest.fixture(scope="module")
def gate() -> TopicGate:
    return TopicGate.of(Reading.build())


def language(text: str) -> str:
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


@pytest.mark.parametrize("name", ON)
def test_articles_of_the_field_are_taken(gate: TopicGate, name: str) -> None:
    title, text = ON[name]
    verdict = gate.judge(title, text, language(text))
    assert verdict.on_topic, verdict


@pytest.mark.parametrize("name", OFF)
def test_neighbours_and_namesakes_are_left_out(gate: TopicGate, name: str) -> None:
    title, text = OFF[name]
    verdict = gate.judge(title, text, language(text))
    assert not verdict.on_topic, verdict


def test_the_whole_demo_newsroom_but_a_share_price_story_is_taken(gate: TopicGate) -> None:
    verdicts = {item.key: gate.judge(item.title, item.text, item.lang) for item in load_newsroom().items}
    assert len(verdicts) > 80
    assert sum(not verdict.on_topic for verdict in verdicts.values()) <= 1


def test_the_reason_names_what_was_found_and_what_speaks_against_it(gate: TopicGate) -> None:
    taken = gate.judge(
        "HBM4 for the H200's successor",
        "Micron samples the memory; TSMC's advanced packaging is sold out. Advanced packaging!",
        "en",
    )
    assert taken.reason.startswith("names ")
    assert "advanced-packaging" in taken.reason or "micron" in taken.reason
    phone = gate.judge("", OFF["手机"][1], "zh")
    assert "'处理器' 1×" in phone.reason
    assert "against it: '开售' 2×" in phone.reason
    assert gate.judge("A walk in the park", "It rained.", "en").reason == "names no chip, company or term of the field"
    assert "\n" not in taken.reason


def test_scores_are_between_nought_and_one_and_decide(gate: TopicGate) -> None:
    for title, text in (*ON.values(), *OFF.values(), ("", ""), ("", "GPU " * 50_000)):
        verdict = gate.judge(title, text, language(text))
        assert 0 <= verdict.score <= 1
        assert verdict.on_topic == (verdict.score >= THRESHOLD)


def test_a_passing_mention_in_a_long_article_does_not_carry_it(gate: TopicGate) -> None:
    filler = "The council met to discuss the new bridge, its cost and the bus routes that will use it. " * 60
    once = "One councillor works for a company that sells AI accelerators."
    assert gate.judge("Council approves bridge", f"{filler}{once} {filler}", "en").on_topic is False


def pages() -> Iterator[tuple[str, str]]:
    for item in load_newsroom().items:
        yield item.title, item.text
    yield from ON.values()
    yield from OFF.values()


def test_the_quick_look_never_refuses_what_the_judgement_would_take(gate: TopicGate) -> None:
    chrome = "Home News Sport Weather 首页 新闻 体育 天气 Subscribe © All rights reserved"
    taken = 0
    for title, text in pages():
        if gate.judge(title, text, language(text)).on_topic:
            taken += 1
            assert gate.may_be_on_topic(f"{chrome}\n{title}\n{text}\n{chrome}"), title
    assert taken > 90


def test_the_quick_look_refuses_most_of_what_is_off_the_subject(gate: TopicGate) -> None:
    passed = [name for name, (title, text) in OFF.items() if gate.may_be_on_topic(f"{title}\n{text}")]
    assert len(passed) <= len(OFF) // 3, passed


def test_the_log_odds_say_what_the_verdict_does_also_with_names_that_were_read_before(reading: Reading) -> None:
    gate = TopicGate.of(reading)
    for title, text in ON.values():
        named = [(mention.start, mention.id) for mention in reading.mentions(f"{title}\n{text}")]
        odds = gate.odds(title, text, "en", named)
        assert odds == pytest.approx(gate.odds(title, text, "en"), abs=1.0)
        assert (odds > 0) == gate.judge(title, text, "en").on_topic
    assert gate.odds("A recipe for bread", "Flour, water and salt are all that it takes.", "en") < 0
