"""What contradicts that two reports are on one event, by their titles and first lines."""

import pytest

from index.knowledge.contrasts import Contrasts
from index.knowledge.reading import Reading
from index.knowledge.sketch import Sketch, make_sketch


def sketch(reading: Reading, title: str, text: str = "", lang: str = "") -> Sketch:
    return make_sketch(title, text, lang or ("en" if title.isascii() else "zh"), reading.link(title, text), reading)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SK hynix ships samples of its memory", "SK hynix begins mass production of its memory"),
        ("SK hynix ships samples of its memory", "SK海力士内存量产"),
        ("OpenAI releases GPT-4", "OpenAI releases GPT-4 Turbo"),
        ("智谱发布GLM-4.5", "智谱发布GLM-4.5-Air"),
        ("Intel to spend billions in Ireland", "英特尔将在波兰投资数十亿"),
        ("TSMC raises 2024 forecast", "TSMC raises 2025 forecast"),
        ("SoftBank in talks to buy Ampere", "SoftBank completes purchase of Ampere"),
        ("China opens investigation of Micron", "Micron fined in China"),
    ],
)
def test_two_events_in_one_wording_are_told_apart_by_what_defines_them(reading: Reading, one: str, other: str) -> None:
    a, b = sketch(reading, one), sketch(reading, other)
    assert Contrasts(reading.catalogue).other_thing(a, b) == Contrasts(reading.catalogue).other_thing(b, a) >= 0.7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AMD unveils a GPU", "AMD announces a GPU"),
        ("AMD launches a GPU", "AMD's GPU is now available"),
        ("AMD发布GPU", "AMD推出GPU"),
        ("Intel to build a fab in Ireland", "Intel to build a fab"),
        ("Nvidia sells GPT-4 servers", "Nvidia sells GPT-4 machines"),
        ("OpenAI sued", "OpenAI, sued by a paper, answers"),
    ],
)
def test_other_words_for_one_event_contradict_nothing(reading: Reading, one: str, other: str) -> None:
    assert Contrasts(reading.catalogue).other_thing(sketch(reading, one), sketch(reading, other)) == 0


def test_what_the_other_report_names_too_contradicts_less(reading: Reading) -> None:
    contrasts = Contrasts(reading.catalogue)
    ireland = sketch(reading, "Intel invests in Ireland", "It also weighs Poland.")
    poland = sketch(reading, "Intel invests in Poland", "Ireland is to follow.")
    assert contrasts.other_thing(ireland, poland) == 0
    assert contrasts.other_thing(ireland, sketch(reading, "Intel invests in Poland")) < 0.5


def test_a_report_on_the_plain_thing_that_names_the_version_contradicts_nothing(reading: Reading) -> None:
    plain, turbo = sketch(reading, "OpenAI improves GPT-4", "GPT-4 Turbo is new."), sketch(reading, "OpenAI shows GPT-4 Turbo")
    assert Contrasts(reading.catalogue).other_thing(plain, turbo) == 0


def test_once_more_is_another_time(reading: Reading) -> None:
    contrasts = Contrasts(reading.catalogue)
    first, second = sketch(reading, "Prices of memory rise"), sketch(reading, "Prices of memory rise again")
    assert contrasts.other_thing(first, second) > 0
    assert contrasts.other_thing(sketch(reading, "Prices of memory rise", "They do so again."), second) == 0


def test_another_customer_beside_one_maker_is_another_company(reading: Reading) -> None:
    contrasts = Contrasts(reading.catalogue)
    openai, meta = sketch(reading, "Broadcom wins order from OpenAI"), sketch(reading, "Broadcom wins order from Meta")
    assert contrasts.other_company(openai, meta) == 1.0
    assert contrasts.other_company(openai, sketch(reading, "Broadcom wins order")) == 0
    assert contrasts.other_company(openai, sketch(reading, "Broadcom wins order from Meta", "OpenAI ordered, too.")) == 0
