"""What a draft's page says of the issue, in the reader's language. The documents are English (`index.digest.wording`)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from index.digest import wording
from index.digest.compose import Digest
from index.digest.figures import Figure
from web.languages import Language


def issue_words(digest: Digest, language: Language, attributes: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """``dates``, ``summary``, ``remarks``, and how a figure is worded: ``attribute_of`` and ``said_of`` it.

    ``attributes`` are the names of attributes in English and Chinese, by id.
    """
    if language.code == "en":
        return {
            "dates": wording.dates(digest),
            "summary": wording.summary_line(digest),
            "remarks": wording.remarks(digest),
            "attribute_of": lambda figure: figure.attribute.lower(),
            "said_of": wording.said,
        }
    return {
        "dates": f"{language.date(digest.since)} – {language.date(digest.until - timedelta(days=1))}",
        "summary": _summary(digest, language),
        "remarks": _remarks(digest, language),
        "attribute_of": lambda figure: attributes.get(figure.claim.attribute, ("", figure.attribute))[1],
        "said_of": _figure_words(language),
    }


def _summary(digest: Digest, language: Language) -> str:
    if not digest.articles:
        return language.say("No article of this week is stored.")
    return language.say(
        "{stories} stories from {articles} articles, {origins} of them independent, in {outlets} outlets.",
        stories=f"{len(digest.entries):,}",
        articles=f"{digest.articles:,}",
        origins=f"{digest.origins:,}",
        outlets=f"{digest.sources:,}",
    )


def _remarks(digest: Digest, language: Language) -> list[str]:
    found = list(digest.corrections)
    if digest.thin:
        found.append(language.say("A thin week: this is all that came in."))
    if digest.articles and not digest.entries and not digest.left_out:
        found.append(language.say("Nothing new: every story of these days was told before."))
    if digest.repeats:
        found.append(language.say("{n} stories told before, with nothing new, left out.", n=f"{digest.repeats:,}"))
    if digest.unwell:
        named = language.say(", ").join(
            language.say("{name} ({health})", name=name, health=language.say(health))
            for name, health in digest.unwell[: wording.MOST_NAMED]
        )
        more = len(digest.unwell) - wording.MOST_NAMED
        found.append(language.say("Sources that did not come in as they should: {names}.", names=named))
        if more > 0:
            found.append(language.say("{n} more sources are not well.", n=f"{more:,}"))
    return found


def _figure_words(language: Language) -> Callable[[Figure], str]:
    statuses = {
        "announced": language.say("announced"),
        "reported": language.say("reported"),
        "estimated": language.say("an estimate"),
        "denied": language.say("denied"),
    }

    def said(figure: Figure) -> str:
        parts = [statuses.get(figure.status, "")]
        if figure.origins > 1:
            parts.append(language.count(figure.origins, "{n} origin", "{n} origins"))
        return language.say(", ").join(part for part in parts if part)

    return said
