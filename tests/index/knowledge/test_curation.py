"""People look at doubts, judge proposals, and correct; what they decide survives every reading and can be taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from index.errors import FilterError, NotFound, UsageError
from index.knowledge.curation import described, slug
from index.knowledge_base import KnowledgeBase
from index.retrieval.filters import Filters
from index.retrieval.search import SearchRequest
from index.settings import Settings
from index.store.articles import mentions_of
from tests.conftest import CORPUS, NOW, WordEncoder, article

FRUIT = article(
    "Market notes from Himachal",
    "Apple prices halved at the weekly market. Traders said so. Nvidia was not there.",
    url="https://news.example/fruit",
)
ZETA = [
    article(
        "AMD readies an accelerator",
        "AMD is testing a chip code-named Zephyrus, an engineer said. TSMC makes it at 3 nanometres.",
    ),
    article(
        "What comes after the MI400",
        "Cloud companies wait for 2028. The chip code-named Zephyrus is AMD's bet on optics, two buyers told us.",
    ),
    article(
        "Packaging in short supply",
        "Lines in Hsinchu are full. One reason is AMD's next part, code-named Zephyrus, which needs four interposers.",
    ),
]


def linked(kb: KnowledgeBase, article_id: int = 1) -> set[str]:
    return {mention.entity_id for mention in mentions_of(kb.store, article_id)}


def reopened(kb: KnowledgeBase, settings: Settings, encoder: WordEncoder) -> KnowledgeBase:
    """The same folder, opened anew for writing, as the next command would."""
    kb.close()
    return KnowledgeBase.open(settings, writer=True, encoder=encoder)


class TestReview:
    def test_a_doubtful_name_is_listed_with_its_sentence_and_is_not_linked(self, writer: KnowledgeBase) -> None:
        writer.ingest([FRUIT], NOW)
        [review] = writer.curation.review()
        assert (review.surface, review.entity_id, review.linked, review.times) == ("Apple", "apple", False, 1)
        assert review.sentence == "Apple prices halved at the weekly market."
        assert linked(writer) == {"nvidia"}
        assert writer.curation.waiting == 1

    def test_accepting_links_it_and_it_waits_no_more(self, writer: KnowledgeBase) -> None:
        writer.ingest([FRUIT], NOW)
        writer.curation.link(1, "Apple", "apple", NOW, "the company's price list")
        assert linked(writer) == {"apple", "nvidia"}
        assert writer.curation.review() == []

    def test_rejecting_is_kept_when_the_article_is_edited_and_everything_is_linked_anew(
        self, writer: KnowledgeBase, settings: Settings, encoder: WordEncoder
    ) -> None:
        writer.ingest([FRUIT], NOW)
        writer.curation.unlink(1, "Nvidia", None, NOW)
        assert linked(writer) == set()
        writer.ingest([replace(FRUIT, text=FRUIT.text + " Nvidia again.")], NOW + timedelta(days=1))
        assert linked(writer) == set()
        with writer.store.atomic():
            writer.store.set_meta("linked_with", "another version")
        writer.refresh(NOW, rebuild=True)
        assert linked(writer) == set()

    def test_a_decision_for_one_sentence_leaves_the_others(self, writer: KnowledgeBase) -> None:
        text = "Nvidia sells chips. A bar called Nvidia opened in Leeds."
        writer.ingest([article("Names", text)], NOW)
        writer.curation.unlink(1, "Nvidia", "nvidia", NOW, at=text.index("A bar") + 15)
        assert [mention.start for mention in mentions_of(writer.store, 1)] == [0]

    @pytest.mark.parametrize("k", [0, 1001])
    def test_bounds(self, writer: KnowledgeBase, k: int) -> None:
        with pytest.raises(FilterError):
            writer.curation.review(k)


class TestCorrecting:
    def test_a_correction_shows_in_search_with_the_next_refresh(self, filled: KnowledgeBase) -> None:
        request = SearchRequest("entity:tsmc", filters=Filters(), group="none")
        before = {hit.article.id for hit in filled.search(request, NOW).hits}
        filled.curation.unlink(min(before), "TSMC" if 1 in before else "台积电", None, NOW)
        filled.refresh(NOW)
        assert {hit.article.id for hit in filled.search(request, NOW).hits} == before - {min(before)}

    def test_undoing_brings_back_what_the_program_reads(self, writer: KnowledgeBase) -> None:
        writer.ingest([FRUIT], NOW)
        decision = writer.curation.unlink(1, "Nvidia", "nvidia", NOW, "no")
        writer.curation.undo(decision.id, NOW)
        assert linked(writer) == {"nvidia"}
        assert writer.curation.decided() == []
        assert [each.note for each in writer.curation.decided(undone=True)] == ["no"]
        with pytest.raises(NotFound, match="no decision 1"):
            writer.curation.undo(decision.id, NOW)

    def test_a_merge_holds_for_everything_and_can_be_undone(
        self, writer: KnowledgeBase, settings: Settings, encoder: WordEncoder
    ) -> None:
        writer.ingest(CORPUS, NOW)
        writer.refresh(NOW)
        decision = writer.curation.merge("sk-hynix", "samsung", NOW, "a test")
        kb = reopened(writer, settings, encoder)
        kb.refresh(NOW)
        assert "samsung" in linked(kb, 5)
        assert "sk-hynix" not in linked(kb, 5)
        assert kb.resolve_entity("sk-hynix") == "samsung", "the old id leads on"
        kb.curation.undo(decision.id, NOW)
        kb = reopened(kb, settings, encoder)
        kb.refresh(NOW)
        assert "sk-hynix" in linked(kb, 5)
        kb.close()

    def test_a_split_moves_a_name(self, writer: KnowledgeBase, settings: Settings, encoder: WordEncoder) -> None:
        writer.ingest([article("Hynix and SK hynix", "Hynix said so. SK hynix said so, too.")], NOW)
        writer.curation.split("sk-hynix", ["hynix"], "old-hynix", NOW, name="Hynix Semiconductor")
        kb = reopened(writer, settings, encoder)
        kb.refresh(NOW)
        assert linked(kb) == {"sk-hynix", "old-hynix"}
        assert kb.entity("old-hynix").entity.name == "Hynix Semiconductor"
        kb.close()

    @pytest.mark.parametrize(
        ("call", "error", "why"),
        [
            (lambda c: c.link(99, "Apple", "apple", NOW), NotFound, "no article 99"),
            (lambda c: c.link(1, "Tesla", "tesla", NOW), NotFound, "does not have 'Tesla'"),
            (lambda c: c.link(1, "Apple", "no-such", NOW), NotFound, "no entity 'no-such'"),
            (lambda c: c.link(1, "Apple", "apple", NOW, at=60), NotFound, "sentence at 60"),
            (lambda c: c.link(1, "Apple", "apple", NOW, "x" * 501), UsageError, "reason has 501"),
            (lambda c: c.merge("nvidia", "NVIDIA", NOW), UsageError, "one entity already"),
            (lambda c: c.split("nvidia", ["Apple"], "x", NOW), UsageError, "has no name 'Apple'"),
            (lambda c: c.split("nvidia", ["Nvidia Corp"], "Not An Id", NOW), UsageError, "slug"),
            (lambda c: c.split("ualink-consortium", ["NVDA"], "x", NOW), UsageError, "has no name"),
            (lambda c: c.split("nvidia", ["NVDA"], "nvidia", NOW), UsageError, "into itself"),
            (lambda c: c.add({"id": "a"}, NOW), UsageError, "lacks 'kind'"),
            (lambda c: c.add({"id": "nvidia", "kind": "company", "name": "N"}, NOW), UsageError, "already"),
            (lambda c: c.add({"id": "n2", "kind": "company", "name": "Nvidia"}, NOW), UsageError, "has the name"),
            (lambda c: c.add({"id": "n2", "kind": "chip", "name": "N2X", "maker": "nobody"}, NOW), UsageError, "is no entity"),
            (lambda c: c.refuse("  ", NOW), UsageError, "No name"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_decided_is_said_in_a_line_and_nothing_is_kept(
        self, writer: KnowledgeBase, call, error, why
    ) -> None:  # type: ignore[no-untyped-def]
        writer.ingest([FRUIT], NOW)
        with pytest.raises(error, match=why):
            call(writer.curation)
        assert writer.curation.decided(undone=True) == []

    def test_decisions_are_told_in_words(self, writer: KnowledgeBase) -> None:
        writer.ingest([FRUIT], NOW)
        curation, name_of = writer.curation, writer.reading.catalogue.name_of
        curation.link(1, "Apple", "apple", NOW)
        curation.unlink(1, "Nvidia", None, NOW)
        curation.merge("xilinx", "amd", NOW)
        curation.split("nvidia", ["NVDA"], "nvda", NOW)
        curation.add({"id": "zeta", "kind": "chip", "name": "Zeta"}, NOW)
        curation.refuse("Zephyrus", NOW)
        assert [described(each, name_of) for each in curation.decided()] == [
            "apple in article 1 means Apple",
            "nvidia in article 1 does not mean any entity",
            "xilinx is AMD",
            "NVDA of nvidia mean nvda",
            "Zeta is the chip zeta",
            "Zephyrus is no entity",
        ]


class TestProposals:
    def test_a_name_that_recurs_is_proposed_with_articles_sentences_and_guesses(self, writer: KnowledgeBase) -> None:
        writer.ingest(ZETA, NOW)
        writer.refresh(NOW)
        [proposal] = writer.curation.proposals()
        assert (proposal.name, proposal.kind, proposal.maker, len(proposal.articles)) == ("Zephyrus", "chip", "amd", 3)
        assert proposal.sentences[0] == "AMD is testing a chip code-named Zephyrus, an engineer said."
        assert writer.curation.proposals(least=4) == []

    def test_copies_do_not_make_a_name_recur(self, writer: KnowledgeBase) -> None:
        text = ZETA[0].text + " " + "The engineer spoke of memory, packaging and power in some detail. " * 5
        writer.ingest(
            [article("AMD readies a chip", text), article("AMD readies a chip", text + " Reposted.", source="other")], NOW
        )
        writer.refresh(NOW)
        assert writer.curation.proposals() == []

    def test_a_refused_name_is_not_proposed_again_until_that_is_undone(self, writer: KnowledgeBase) -> None:
        writer.ingest(ZETA, NOW)
        writer.refresh(NOW)
        decision = writer.curation.refuse("zephyrus", NOW)
        assert writer.curation.proposals() == []
        writer.curation.undo(decision.id, NOW)
        assert len(writer.curation.proposals()) == 1

    def test_an_accepted_name_is_linked_everywhere(
        self, writer: KnowledgeBase, settings: Settings, encoder: WordEncoder
    ) -> None:
        writer.ingest(ZETA, NOW)
        writer.refresh(NOW)
        writer.curation.add({"id": "amd-zephyrus", "kind": "chip", "name": "Zephyrus", "maker": "amd"}, NOW)
        kb = reopened(writer, settings, encoder)
        kb.refresh(NOW)
        assert kb.curation.proposals() == []
        assert kb.entity("Zephyrus").articles == 3
        kb.close()


def test_an_id_is_made_of_a_name() -> None:
    assert slug("AMD MI 999X") == "amd-mi-999x"
    assert slug("紫电") == ""
