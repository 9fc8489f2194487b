"""Shared fixtures. The only fake is the encoder: hashed bags of words, so that like texts have like vectors."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.passages import Vectors
from index.text.tokens import STOP_WORDS, ChineseSegmenter, tokenize

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
SHARED = Path(__file__).parent.parent.parent / "shared"


class WordEncoder:
    """An `index.retrieval.encoder.Encoder`: each word's stem adds to one of 256 dimensions, then unit length."""

    model_id = "words"
    model_hash = "0" * 64
    dimension = 256
    multilingual = False

    def __init__(self) -> None:
        self.encoded = 0
        self._segmenter = ChineseSegmenter()

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        return np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, 256), np.float32)

    def encode_query(self, text: str) -> Vectors:
        return self._vector(text)

    def _vector(self, text: str) -> Vectors:
        vector = np.full(256, 1e-3, np.float32)
        for token in tokenize(text, self._segmenter):
            if token.text not in STOP_WORDS:
                vector[hashlib.sha256(token.term.encode()).digest()[0]] += 1
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


@pytest.fixture(autouse=True)
def no_giving_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that runs inside the tests' own process would leave it last in every queue for the tests that follow."""
    monkeypatch.setattr("api.commands.options.give_way", lambda: None)


@pytest.fixture(scope="session")
def reading() -> Reading:
    return Reading.build()


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def writer(settings: Settings, encoder: WordEncoder, reading: Reading) -> Iterator[KnowledgeBase]:
    """An empty knowledge base, open for writing."""
    with KnowledgeBase.open(settings, writer=True, encoder=encoder, reading=reading) as kb:
        yield kb


def article(title: str, text: str = "", **values: object) -> Article:
    """An article with sensible values for whatever a test does not care about."""
    slug = hashlib.sha256(f"{title}{text}".encode()).hexdigest()[:12]
    given: dict[str, object] = {
        "url": f"https://news.example/{slug}",
        "title": title,
        "text": text or f"{title}. A second sentence follows it.",
        "lang": "zh" if any("\u4e00" <= char <= "\u9fff" for char in title + text) else "en",
        "source": "example",
        "published": datetime(2023, 11, 15, 9, tzinfo=UTC),
    }
    return Article(**{**given, **values})  # type: ignore[arg-type]


MAIA = article(
    "Microsoft unveils Maia 100, its first custom AI chip",
    "Microsoft introduced the Azure Maia 100 accelerator at Ignite. The chip is made by TSMC on a 5 nm process.\n\n"
    "It will run Copilot and Azure OpenAI workloads from early 2024.",
)
MAIA_ZH = article(
    "微软发布首款自研AI芯片Maia 100",
    "微软在Ignite大会上发布自研人工智能芯片Maia 100，由台积电5纳米工艺代工。\n\n该芯片将于2024年初部署到微软数据中心。",
)
DGX = article(
    "NVIDIA prices DGX Cloud from 36,999 dollars a month",
    "Renting a DGX Cloud instance starts at $36,999 a month. Each instance has eight H100 or A100 GPUs.",
    published=datetime(2023, 3, 21, 17, tzinfo=UTC),
    source="hyperscale",
)
H800 = article(
    "Nvidia tailors the H800 for China",
    "The H800 is a version of Nvidia's data-centre GPU for customers in China with a slower interconnect.",
    published=datetime(2023, 3, 22, 9, tzinfo=UTC),
)
HBM = article(
    "SK hynix samples HBM3E memory",
    "SK hynix said it has begun sampling HBM3E, the next generation of high-bandwidth memory, to customers.",
    published=datetime(2023, 8, 21, 1, tzinfo=UTC),
)
CORPUS = (MAIA, MAIA_ZH, DGX, H800, HBM)


@pytest.fixture
def filled(writer: KnowledgeBase) -> KnowledgeBase:
    """The corpus above, stored and indexed."""
    writer.ingest(CORPUS, NOW)
    writer.refresh(NOW)
    return writer


@pytest.fixture
def shared() -> Path:
    """The evaluation data beside the repository."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not here: evaluation data is not part of the repository")
    return SHARED


def clean_environment(**changes: str) -> dict[str, str]:
    """This process's environment without Chipwire settings, for commands that a test runs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CHIPWIRE_")}
    return {**kept, **changes}
