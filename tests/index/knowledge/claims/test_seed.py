"""What the seed article claims, whom it ascribes that to, and when it says it happened."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.knowledge.claims.claim import Claim
from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import value_of

pytestmark = pytest.mark.shared


@pytest.fixture
def claims(shared: Path, reading: Reading) -> list[Claim]:
    """The article does not say when it was written; it is seen years later."""
    title, text = (shared / "seed" / "article.txt").read_text(encoding="utf-8").split("\n", 1)
    return reading.claims.read(
        title, text, reading.link(title, text), published=None, seen=datetime(2026, 1, 1, tzinfo=UTC), lang="zh"
    )


@pytest.mark.parametrize(
    ("entity", "attribute", "value", "status", "cited", "words"),
    [
        ("nvidia-dgx", "rental-price", "37000 usd", "announced", "nvidia", "每月租金为37000美元"),
        ("nvidia", "market-share", "95 %", "estimated", "new-street-research", "95%都是英伟达的GPU"),
        ("nvidia-a100", "sold-out", "2024", "reported", "digitimes", "订单已经排期至2024年"),
        ("nvidia-h100", "sold-out", "2024", "reported", "digitimes", "订单已经排期至2024年"),
        ("nvidia-dgx", "replaces", "40000 system", "stated", None, "使用500台装有H100芯片的DGX"),
        ("nvidia-dgx", "power", "5e+06 w", "stated", None, "从35兆瓦直接降至5兆瓦"),
        ("tsmc", "volume-production", "2023-06", "stated", None, "预计台积电将于6月开始准备生产"),
        ("microsoft-athena", "developer", "microsoft", "reported", "the-information", "雅典娜"),
        ("microsoft", "fleet", "30000 chip", "stated", None, "3万多个英伟达A100芯片"),
        ("openai", "cost", "700000 usd", "estimated", "semianalysis", "高达70万美元"),
        ("chatgpt", "training-compute", "3.64e+18 flop-days", "stated", None, "3640PF-days"),
        ("google-tpu-v4", "chip-count", "4000 chip", "announced", "google", "4000多个自研的第四代TPU芯片"),
        ("google-tpu-v4", "performance", "1.7 x", "announced", "google", "速度快了1.7倍"),
        ("google-tpu-v4", "efficiency", "1.9 x", "announced", "google", "能效提升1.9倍"),
        ("google", "deployment", "2025", "reported", "the-information", "有望于2025 年开始使用新的芯片"),
        ("google", "volume-production", "2024-H2", "reported", "the-information", "台积电可能会在2024 年下半年开始量产"),
        ("nvidia-a800", "china-version", "for China", "reported", None, "A800和H800"),
        ("nvidia-h800", "china-version", "for China", "reported", None, "A800和H800"),
        ("tencent-hcc", "based-on", "nvidia-h800", "announced", "tencent-cloud", "新一代HCC高性能计算集群"),
        ("google", "organisation", "google-cloud", "reported", "unnamed sources", "转移至谷歌云部门"),
    ],
)
def test_the_seed_claims(
    claims: list[Claim], entity: str, attribute: str, value: str, status: str, cited: str | None, words: str
) -> None:
    [claim] = [c for c in claims if (c.entity, c.attribute, value_of(c)) == (entity, attribute, value)]
    assert (claim.status, claim.cited) == (status, (cited,) if cited is not None else ())
    assert words in claim.quote


def test_the_seeds_days_without_a_year_are_of_2023(claims: list[Claim]) -> None:
    days = {claim.entity: claim.event.label for claim in claims if claim.event is not None and claim.event.grain == "day"}
    assert (days["microsoft-athena"], days["google"]) == ("2023-04-19", "2023-04-24")


def test_the_seed_compares_with_the_nvidia_system_that_it_names(claims: list[Claim]) -> None:
    assert {claim.compared for claim in claims if claim.entity == "google-tpu-v4" and claim.unit == "x"} == {"nvidia"}


def test_the_seed_hedges(claims: list[Claim]) -> None:
    hedges = {(claim.entity, claim.attribute): claim.qualifier for claim in claims}
    assert (hedges["microsoft", "fleet"], hedges["openai", "cost"], hedges["chatgpt", "training-compute"]) == (
        "over",
        "up to",
        "about",
    )


def test_the_seed_rents_by_the_month_and_runs_chatgpt_by_the_day(claims: list[Claim]) -> None:
    per = {(claim.entity, claim.attribute): claim.scope.get("per") for claim in claims}
    assert (per["nvidia-dgx", "rental-price"], per["openai", "cost"]) == ("month", "day")


def test_every_quote_of_the_seed_is_an_exact_part_of_it(shared: Path, claims: list[Claim]) -> None:
    text = (shared / "seed" / "article.txt").read_text(encoding="utf-8")
    assert len(claims) > 30
    assert all(claim.quote in text for claim in claims)
