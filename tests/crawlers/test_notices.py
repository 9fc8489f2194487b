"""The publisher's words to the reader, in the wordings of many; all of them written here."""

import pytest

from crawlers.notices import is_author_note, is_notice
from crawlers.outline import Paragraph


def notice(text: str, heading: bool = False) -> bool:
    return is_notice(text, Paragraph(text, "p", 0, 0).width, heading)


@pytest.mark.parametrize(
    "text",
    [
        "Advertisement",
        "Story continues below advertisement",
        "Share this article",
        "Read more: Foundry prices rise again",
        "Also read | Why packaging is short",
        "Related: The queue for interposers",
        "Sign up for our weekly newsletter and never miss a wafer.",
        "Get the chip news that matters in your inbox every Friday.",
        "Already a subscriber? Log in to read the full story.",
        "Follow us on LinkedIn and Telegram for more.",
        "Download our app to read this story offline.",
        "Your support makes independent reporting on chips possible.",
        "Have a tip? Email the desk, or send it to us in a sealed envelope. Contact us.",
        "Please leave a comment below.",
        "© 2023 The Wafer Ledger. All rights reserved.",
        "This article may not be reproduced without written permission of the publisher.",
        "If you buy through links on this page we may earn a commission.",
        "Disclaimer: nothing here is investment advice.",
        "Last updated: 14 November 2023",
        "Filed under: Packaging, Memory",
        "Photo: Ann Lee / The Wafer Ledger",
        "We would love to keep you posted: leave your e-mail, and we send alerts on breaking news.",
        "广告",
        "展开阅读全文",
        "相关阅读：封装为什么缺货",
        "延伸閱讀",
        "免责声明：本文内容仅供学习之用。",
        "版權聲明：轉載請註明出處。",
        "本文内容仅供学习之用，不构成投资建议。",
        "文章内容仅供参考，不代表本站立场。",
        "未经授权，不得转载，违者必究。",
        "（责任编辑：李四）",
        "责编：王五",
        "本文来源：片上纪要 责任编辑：王五_NF001",
        "本文来自微信公众号“芯西东”（ID：xxd001），作者：林一诺，创氪经授权发布。",
        "特别声明：以上内容(如有图片或视频亦包括在内)为自媒体平台用户上传并发布，本平台仅提供信息存储服务。",
        "Notice: The content above (including the pictures and videos if any) is uploaded by a user.",
        "(本文来自片上纪要，更多原创资讯请下载“片上纪要”APP)",
        "（原标题：封装产能翻倍之后，谁先拿到货）",
        "延伸 · 推荐",
        "阅读下一篇 内存涨价",
        "文章关键词： 台积电 封装",
        "网友评论仅供其表达个人看法，并不表明本站立场。",
        "（首圖來源：科技快報）",
        "关注我们的公众号，获取更多消息",
        "欢迎订阅我们的邮件",
        "長按識別二維碼",
        "图片来源：片上纪要",
        "标签：芯片 封装",
        "下一篇：内存涨价",
        "发布时间：2023-11-14 08:20",
        "投资有风险，入市需谨慎。",
    ],
)
def test_a_notice_is_recognised(text: str) -> None:
    assert notice(text)


@pytest.mark.parametrize(
    "text",
    [
        "TSMC shares its packaging lines among five customers, and advertises none of them.",
        "The company said it would subscribe to the new interconnect standard.",
        "Nvidia's newsletter for developers has two million subscribers, according to the company.",
        "“Sign up for our newsletter,” the page said, and then the chips were gone.",
        "Related companies of the group hold 12 percent.",
        "Samsung updated its roadmap in October and published yields for the first time.",
        "Photoresist from Japan is short, and so is the film that carries it.",
        "The image sensor division grew by a tenth.",
        "Facebook and Instagram run on accelerators that Meta designed itself.",
        "Copyright law was no help to the chip designer, whose layout was copied.",
        "Comments by the minister moved the shares of ASML.",
        "关注度最高的是先进封装，其次是内存。",
        "相关部门表示，将继续支持芯片设计企业。",
        "广告业务的收入下降，芯片业务的收入上升。",
        "编辑器和编译器都已支持新的指令集。",
        "分享了路线图之后，公司的股价上涨。",
        "风险投资进入芯片设计行业已有五年。",
        "下一代芯片将采用更大的中介层。",
        "声明中说，公司没有违反出口管制。",
        "特别声明的一点是，公司没有违反出口管制。",
        "台积电表示，产能将翻倍。会后，本刊的责任编辑：王五也拿到了一份样品。",
        "本文来自作者对三家设计公司的采访，他们的答案都一样，今年拿到的配额只够做样片，量产的产品要到明年才能发布，价格也没有定下来。",
        "更多客户转向自研芯片，原因是价格。",
        "原标题党的文章不见了，取而代之的是数据。",
        "",
    ],
)
def test_news_is_not_mistaken_for_a_notice(text: str) -> None:
    assert not notice(text)


def test_a_long_paragraph_is_never_a_notice() -> None:
    assert notice("Subscribe to our newsletter.")
    assert not notice("Subscribe to our newsletter. " + "Wafers are cut from ingots of silicon. " * 12)


def test_a_heading_is_judged_by_its_beginning_only() -> None:
    assert notice("Related articles: packaging", heading=True)
    assert not notice("Why your phone and our newsletter sign-up need the same apps", heading=True)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Ann Lee is a reporter at The Wafer Ledger.", True),
        ("Bo Wu covers memory for the Pacific Wire.", True),
        ("Reporting by Ann Lee; editing by Bo Wu", True),
        ("Jensen Huang is expected to speak in March.", False),
        ("TSMC is the largest foundry in the world.", False),
    ],
)
def test_a_note_on_the_author_is_told_from_news_on_a_person(text: str, note: bool) -> None:
    assert is_author_note(text, len(text)) is note
