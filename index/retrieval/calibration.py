"""What a model's cosines are worth: encoders put texts that have nothing to do with each other at very different cosines.

all-MiniLM-L6-v2 leaves about `UNRELATED` between them, E5 models 0.75, BGE models 0.5. Gates and floors
(`index.retrieval.fusion`) are set in the first one's terms, so the cosines of any other model are stretched until its
unrelated texts lie there too. Ranking does not change by it: the stretch keeps the order and the ratios of differences.
"""

import numpy as np

from index.retrieval.encoder import Encoder
from index.store.passages import Vectors

UNRELATED = 0.03
"""The cosine of unrelated texts by the default model (`python bench/baselines.py`)."""

_QUESTIONS = (
    "how long does sourdough bread need to rise",
    "who won the cycling tour this summer",
    "symptoms of an iron deficiency in adults",
    "best time of the year to plant tulips",
    "ferry timetable between the northern islands",
    "why did the cathedral's tower collapse",
    "小提琴初学者应该怎么练习",
    "今年的苹果收成怎么样",
)
_TEXTS = (
    "The city council voted on Tuesday to close two of its public swimming pools over the winter, citing heating costs.",
    "Graphics processors with high-bandwidth memory remain sold out, and lead times have grown to almost a year.",
    "The novel follows three sisters who return to the fishing village of their childhood to sell their father's house.",
    "Archaeologists found the remains of a Roman road beneath the car park of a supermarket.",
    "The central bank left interest rates unchanged and said that inflation was falling more slowly than expected.",
    "A kitten that had been trapped in a drainpipe for two days was rescued by the fire brigade.",
    "这支球队在加时赛中以三比二取胜，门将扑出了两个点球。",
    "气象部门预计，未来三天北部沿海将有大到暴雨，部分列车停运。",
)


def measured_baseline(encoder: Encoder) -> float:
    """The mean cosine that `encoder` gives questions and texts on different subjects: 64 pairs, one batch.

    Models that read no Chinese are measured on the English ones alone: they never see the others as they are.
    """
    chinese = encoder.multilingual
    questions = [text for text in _QUESTIONS if chinese or text.isascii()]
    texts = [text for text in _TEXTS if chinese or text.isascii()]
    asked = np.stack([encoder.encode_query(text) for text in questions])
    return float((asked @ encoder.encode_documents(texts).T).mean())


class Stretch:
    """Cosines of a model with the given `baseline`, in the default model's terms and back."""

    def __init__(self, baseline: float) -> None:
        """A baseline below `UNRELATED`, or none (0), changes nothing."""
        self._factor = (1 - UNRELATED) / (1 - min(max(baseline, UNRELATED), 0.99))

    def of(self, cosines: Vectors) -> Vectors:
        """Stretched cosines (n,): 1 stays 1, the baseline becomes `UNRELATED`."""
        return cosines if self._factor == 1.0 else np.asarray(1 - (1 - cosines) * self._factor, np.float32)
