import math
from pathlib import Path

import pytest

from index.errors import UsageError
from index.evaluation import read_judgements, score_ranking


def test_a_perfect_ranking_scores_one_and_an_empty_one_zero() -> None:
    assert score_ranking([2, 1], [1, 2], 10) == (1.0, 1.0, 1.0)
    assert score_ranking([], [1], 10) == (0.0, 0.0, 0.0)


def test_a_late_answer_is_discounted_by_its_rank() -> None:
    ndcg, recall, mrr = score_ranking([0, 0, 1], [1, 1], 10)
    assert ndcg == pytest.approx((1 / math.log2(4)) / (1 + 1 / math.log2(3)))
    assert (recall, mrr) == (0.5, pytest.approx(1 / 3))


def test_judgements_are_a_map_of_grades_or_a_list(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text('{"query": "a", "relevant": {"7": 2}}\n\n{"query": "b", "relevant": ["https://x.example/"]}\n')
    assert [dict(each.relevant) for each in read_judgements(path)] == [{"7": 2.0}, {"https://x.example/": 1.0}]


@pytest.mark.parametrize("line", ["[]", '{"query": "a"}', "x", '{"query": "a", "relevant": 3}', ""])
def test_a_line_that_is_no_judgement_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(UsageError):
        read_judgements(path)
