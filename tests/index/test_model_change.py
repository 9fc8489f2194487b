import numpy as np
import pytest

from index.errors import UsageError
from index.evaluation import Judged
from index.knowledge_base import KnowledgeBase
from index.model_change import undo_model, use_model
from index.retrieval import generation
from index.retrieval.model_choice import ModelChoice, read_choice
from index.retrieval.search import SearchRequest
from index.store.passages import Vectors
from tests.conftest import MAIA, NOW, WordEncoder, article

CHOICE = ModelChoice("reversed", multilingual=True)


class ReversedEncoder(WordEncoder):
    """Another model: other vectors of another length, and it reads Chinese as it is."""

    model_id = "reversed"
    dimension = 250
    multilingual = True

    def _vector(self, text: str) -> Vectors:
        vector = super()._vector(text)[::-1][:250]
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


def current_model(kb: KnowledgeBase) -> str:
    return generation.read_manifest(generation.candidates(kb.store.home)[0]).model


def reader(kb: KnowledgeBase, encoder: WordEncoder) -> KnowledgeBase:
    return KnowledgeBase.open(kb.settings, encoder=encoder, reading=kb.reading)


def test_a_rehearsal_compares_both_models_and_changes_nothing(filled: KnowledgeBase) -> None:
    before = generation.current_name(filled.store.home)
    judged = [Judged("Maia 100 chip", {str(MAIA.url): 1.0})]
    rehearsal = use_model(filled, CHOICE, judged, NOW, dry_run=True, encoder=ReversedEncoder())
    assert (rehearsal.before, rehearsal.after, rehearsal.swapped) == ("words", "reversed", False)
    assert rehearsal.ndcg() == (1.0, 1.0)
    assert 0 <= rehearsal.shared <= 1
    assert generation.current_name(filled.store.home) == before
    assert read_choice(filled.store) == ModelChoice()


def test_without_judged_queries_headlines_are_rehearsed(filled: KnowledgeBase) -> None:
    rehearsal = use_model(filled, CHOICE, [], NOW, dry_run=True, encoder=ReversedEncoder())
    assert MAIA.title in [each.query for each in rehearsal.comparisons]


def test_a_change_is_swapped_in_whole_and_the_old_model_goes_on_serving(filled: KnowledgeBase) -> None:
    with reader(filled, WordEncoder()) as serving:
        assert serving.search(SearchRequest("Maia 100"), NOW).mode == "hybrid"
        assert use_model(filled, CHOICE, [], NOW, encoder=ReversedEncoder()).swapped
        assert serving.search(SearchRequest("Maia 100"), NOW).mode == "hybrid"
    assert current_model(filled) == "reversed"
    assert read_choice(filled.store) == CHOICE
    with reader(filled, ReversedEncoder()) as changed:
        result = changed.search(SearchRequest("Maia 100"), NOW)
        assert (result.mode, result.hits[0].article.title) == ("hybrid", MAIA.title)


def test_a_change_can_be_undone_once_even_after_later_refreshes(filled: KnowledgeBase) -> None:
    use_model(filled, CHOICE, [], NOW, encoder=ReversedEncoder())
    with KnowledgeBase(filled.settings, filled.store, filled.reading, ReversedEncoder()) as changed:
        for n in range(3):
            changed.ingest([article(f"Later report {n}")], NOW)
            changed.refresh(NOW)
        assert undo_model(changed, NOW) == ModelChoice()
        assert current_model(changed) == "words"
        with pytest.raises(UsageError, match="never changed, or that was undone"):
            undo_model(changed, NOW)


def test_the_model_in_use_is_no_change(filled: KnowledgeBase) -> None:
    with pytest.raises(UsageError, match="already"):
        use_model(filled, CHOICE, [], NOW, encoder=WordEncoder())
