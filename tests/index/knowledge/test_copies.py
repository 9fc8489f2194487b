from index.knowledge.copies import Wording
from index.knowledge.reading import Reading

ENGLISH = (
    "The foundry said on Monday that it will build a plant in the north of the country. It is to make forty thousand wafers a "
    "month from the spring of next year. Two of its customers will share the cost, according to people close to the talks."
)
CHINESE = (
    "这家晶圆厂周一表示，将在该国北部建设一座工厂。工厂计划明年春天投产，每月生产四万片晶圆。"
    "据接近谈判的人士称，两家客户将分担费用。"
)


def test_a_part_of_a_text_repeats_it_in_any_order_and_in_traditional_characters() -> None:
    first, _, third = ENGLISH.split(". ")
    assert Wording(f"{third}. {first}.").repeats(Wording(ENGLISH))
    assert Wording("這家晶圓廠週一表示，將在該國北部建設一座工廠。工廠計劃明年春天投產，每月生產四萬片晶圓。").repeats(
        Wording(CHINESE)
    )


def test_a_text_that_was_reworded_still_repeats_its_source() -> None:
    assert Wording(ENGLISH.replace("foundry", "chipmaker").replace("build a plant", "put up a factory")).repeats(
        Wording(ENGLISH)
    )
    assert Wording(CHINESE.replace("表示", "宣布").replace("计划", "预计").replace("生产", "制造")).repeats(Wording(CHINESE))


def test_a_report_of_ones_own_on_the_same_event_repeats_nothing() -> None:
    own = (
        "A new fab is coming to the northern province, its owner announced. Monthly output of forty thousand wafers is "
        "planned, beginning next spring, and a pair of buyers pays part of the bill, sources told us."
    )
    assert not Wording(own).repeats(Wording(ENGLISH))
    assert not Wording("晶圆代工龙头将赴北方设厂，月产能规划四万片，预计明年春季量产，消息人士透露客户亦参与投资。").repeats(
        Wording(CHINESE)
    )
    assert not Wording("").repeats(Wording(ENGLISH))


def test_a_literal_translation_repeats_its_source_and_a_report_of_ones_own_does_not(reading: Reading) -> None:
    source = Wording(CHINESE * 2, "zh", reading.glosser)
    literal = (
        "This wafer factory on Monday said, it will in the north of this country build a factory. The factory plans next year "
        "spring to start production, every month produce 40,000 wafers. According to people close to the talks, two customers "
        "will share the cost."
    )
    own = (
        "A new fab is coming to the province, its owner announced. Output of forty thousand pieces is foreseen once tools are "
        "moved in, and a pair of buyers pays part of the bill, sources told us. Shares rose by a tenth in the afternoon."
    )
    assert Wording(literal, "en", reading.glosser).repeats(source) and source.repeats(Wording(literal, "en", reading.glosser))
    assert not Wording(own, "en", reading.glosser).repeats(source)
    assert not Wording(literal).repeats(Wording(CHINESE * 2))  # without a glosser two languages have nothing in common
