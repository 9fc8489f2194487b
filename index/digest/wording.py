"""The words of an issue that no article wrote: its dates, its first lines, what it says of a figure or a story's past."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from index.digest.compose import Digest, Entry
from index.digest.figures import Figure

_STATUS = {
    "announced": "announced",
    "reported": "reported",
    "estimated": "an estimate",
    "denied": "denied",
    "stated": "",
}
_UNWELL = {"late": "late", "blocked": "refusing us", "broken": "unreadable", "dead": "gone"}
MOST_NAMED = 6


def title(digest: Digest) -> str:
    return f"AI chips, week {digest.week}" if digest.period.week else f"AI chips, {digest.week}"


def dates(digest: Digest) -> str:
    """The days in words: 13–19 November 2023."""
    first, last = digest.since, digest.until - timedelta(days=1)
    if first.date() == last.date():
        return f"{first.day} {first:%B %Y}"
    if first.year == last.year and first.month == last.month:
        return f"{first.day}–{last.day} {last:%B %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"


def summary_line(digest: Digest) -> str:
    """What the issue was made from, in one line."""
    if not digest.articles:
        return "No articles are stored for this week." if digest.period.week else "No articles are stored for these days."
    return (
        f"{count(len(digest.entries) + digest.cut, 'story', 'stories')} from {count(digest.articles, 'article', 'articles')}, "
        f"{digest.origins} of them independent, in {count(digest.sources, 'outlet', 'outlets')}."
    )


def remarks(digest: Digest) -> list[str]:
    """What a reader should know of the issue: that there was little, that stories were left out, that sources are missing."""
    found = list(digest.corrections)
    if digest.thin:
        found.append("A thin week: this is all that came in." if digest.period.week else "Thin days: this is all that came in.")
    if digest.articles and not digest.entries and not digest.left_out:
        found.append("Nothing new: every story of these days was told before.")
    if digest.repeats:
        found.append(f"{count(digest.repeats, 'story', 'stories')} told before, with nothing new, left out.")
    if digest.cut:
        found.append(
            f"{count(digest.cut, 'story', 'stories')} more than a mail has room for: the issue on the web has them all."
        )
    if digest.unwell:
        named = ", ".join(f"{name} ({_UNWELL[health]})" for name, health in digest.unwell[:MOST_NAMED])
        more = len(digest.unwell) - MOST_NAMED
        found.append(f"Sources that did not come in as they should: {named}" + (f" and {more} more." if more > 0 else "."))
    return found


def said(figure: Figure) -> str:
    """How a figure stands: in English where it is in Chinese, what kind of word it is, how many have it on their own."""
    parts = [figure.english or "", _STATUS.get(figure.status, figure.status)]
    if figure.origins > 1:
        parts.append(f"{figure.origins} origins")
    return ", ".join(part for part in parts if part)


def since(entry: Entry) -> str:
    """For a story that was told before: since when, and what is new."""
    weeks = _joined(entry.earlier)
    new = f"; new: {', '.join(entry.new[:5])}" if entry.new else ""
    return f"Told before in {weeks}{new}"


def coverage_parts(entry: Entry) -> tuple[list[tuple[str, str, datetime]], str]:
    """(outlet, address, time) of those that report on their own, original first, and the copies in words."""
    own = [c for c in entry.coverage if c.role != "copy"] or list(entry.coverage)
    own.sort(key=lambda c: (c.role != "original", c.article.time, c.article.id))
    copies = count(entry.copies, "copy", "copies") if entry.copies and len(own) != len(entry.coverage) else ""
    return [(c.source_name, c.article.url, c.article.time) for c in own], copies


def paragraphs(text: str | None) -> list[str]:
    """What an editor wrote, by paragraphs (empty lines stand between them)."""
    return [" ".join(part.split()) for part in (text or "").split("\n\n") if part.strip()]


def day(moment: datetime) -> str:
    """13 Nov, without a leading zero on any platform."""
    return f"{moment.day} {moment:%b}"


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
