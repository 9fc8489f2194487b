"""What unrelated texts have, and what is made of it."""

from collections.abc import Sequence

import numpy as np
import pytest

from index.retrieval.calibration import UNRELATED, Stretch, measured_baseline
from index.retrieval.encoder import make_encoder
from index.settings import Settings
from index.store.passages import Vectors


class Narrow:
    """An encoder that puts everything close together: unrelated texts at a cosine of 0.75."""

    model_id, model_hash, dimension = "narrow", "", 64

    def __init__(self, multilingual: bool = False) -> None:
        self.multilingual = multilingual
        self.read: list[str] = []

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        own = np.eye(64, dtype=np.float32)[[sum(map(ord, text)) % 63 + 1 for text in texts]]
        own[:, 0] = 3**0.5
        return own / 2

    def encode_query(self, text: str) -> Vectors:
        return np.asarray(self.encode_documents([text])[0])


def test_the_baseline_is_the_cosine_of_texts_that_have_nothing_to_do_with_each_other() -> None:
    assert measured_baseline(Narrow()) == pytest.approx(0.75, abs=0.02)


def test_only_a_multilingual_encoder_is_measured_on_chinese() -> None:
    one, other = Narrow(), Narrow(multilingual=True)
    measured_baseline(one)
    measured_baseline(other)
    assert all(text.isascii() for text in one.read)
    assert any(not text.isascii() for text in other.read)


@pytest.mark.model
def test_unrelated_is_what_the_default_model_says_of_unrelated_texts() -> None:
    encoder = make_encoder(Settings())
    assert encoder is not None
    assert measured_baseline(encoder) == pytest.approx(UNRELATED, abs=0.01)


def test_stretched_cosines_start_where_the_default_models_do_and_keep_their_order() -> None:
    stretched = Stretch(0.75).of(np.array([0.75, 0.8, 0.9, 1.0], np.float32))
    assert stretched == pytest.approx([UNRELATED, 0.224, 0.612, 1.0], abs=1e-3)


def test_a_baseline_at_or_below_the_default_models_changes_nothing() -> None:
    cosines = np.array([-0.1, 0.5], np.float32)
    assert Stretch(0.0).of(cosines) is cosines
    assert Stretch(UNRELATED).of(cosines) is cosines
