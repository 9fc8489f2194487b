"""The editor's desk: an issue as composed, with the edits that are kept of it, its versions, and what was published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from index.digest.compose import Digest, Entry, longer_extract
from index.digest.edits import Edits, edited, edits_document, long_ones, read_edits
from index.digest.evidence import Doubt, Evidence
from index.digest.period import week_period
from index.digest.render import FORMATS, page_part, render
from index.digest.wording import summary_line, title
from index.errors import NotFound, UsageError
from index.knowledge.reading import Reading
from index.store import issues
from index.store.database import Store
from index.store.issues import Hold, Published, Version
from index.store.stories import current_story

HELD_FOR = timedelta(minutes=15)
"""An editor who does nothing for so long leaves the issue to others."""
PAGE = "page"
"""The form in which the site shows a published issue."""
INTRODUCTION = 0
"""Stands for the introduction among stories."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue that is worked on: as ``composed``, with its ``edits``, and what it reads like with them (``digest``).

    ``doubts`` are what an editor wrote that no source has, by story (`INTRODUCTION` for the introduction).
    """

    composed: Digest
    edits: Edits
    digest: Digest
    doubts: Mapping[int, Sequence[Doubt]]
    revision: int
    hold: Hold | None

    @property
    def week(self) -> str:
        return self.composed.week


class IssueDesk:
    """Issues of one data folder. What it stores is written beside any writer, so that a crawl may go on."""

    def __init__(self, store: Store, reading: Reading, compose: Callable[[str], Digest], zone: tzinfo) -> None:
        self._store = store
        self._reading = reading
        self._compose = compose
        self._zone = zone

    def week(self, week: str) -> str:
        """The one way to write an ISO week. Raises FilterError."""
        return str(week_period(week, self._zone).week)

    # -- the draft

    def draft(self, week: str, edits: Edits | None = None) -> Draft:
        """The issue of a week with its stored edits, or with `edits` that are not stored. Raises FilterError: no week."""
        composed = self._compose(week)
        stored = issues.issue(self._store, composed.week)
        edits = self.edits(week) if edits is None else self._followed(edits)
        digest = self._edited(composed, edits)
        doubts = self._doubts(digest, edits)
        return Draft(composed, edits, digest, doubts, stored.revision if stored else 0, stored.hold if stored else None)

    def edits(self, week: str) -> Edits:
        """The stored edits of a week's issue, by the ids that its stories have now."""
        stored = issues.issue(self._store, self.week(week))
        return self._followed(read_edits(stored.edits)) if stored else Edits()

    def hold(self, week: str, holder: str, token: str, now: datetime, *, by_force: bool = False) -> Hold:
        """Ask for the issue of a week to edit it.

        Returns:
            Who holds it then: whoever asks where ``token`` is theirs, else the editor that has it.
        """
        asked = Hold(holder, token, now + HELD_FOR)
        if by_force:
            self._keep_what_is_there(week, now)
        hold = issues.take_hold(self._store, self.week(week), asked, now, by_force=by_force).hold
        assert hold is not None
        return hold

    def leave(self, week: str, token: str) -> None:
        issues.release_hold(self._store, self.week(week), token)

    def save(self, week: str, edits: Edits, token: str, now: datetime) -> int | None:
        """Store the edits of the draft.

        Returns:
            The revision; None where ``token`` does not hold the issue (any more), and nothing was stored.
        """
        return issues.save_edits(self._store, self.week(week), edits_document(edits), token, now + HELD_FOR, now)

    # -- versions

    def keep(self, week: str, editor: str, note: str, now: datetime) -> int:
        """Keep the draft's edits as a version. Raises NotFound: nobody has edited it."""
        return issues.keep_version(self._store, self.week(week), editor, note[:500], now)

    def versions(self, week: str) -> list[Version]:
        return issues.versions(self._store, self.week(week))

    def version(self, week: str, number: int) -> Version:
        """Raises NotFound."""
        return issues.version(self._store, self.week(week), number)

    def restore(self, week: str, number: int, token: str, editor: str, now: datetime) -> int | None:
        """Make the draft what it was in a version; what it is now is kept as one first. Returns as `save`."""
        edits = read_edits(self.version(week, number).edits)
        self._keep_what_is_there(week, now, editor)
        return self.save(week, edits, token, now)

    def text_of(self, week: str, edits: Edits) -> str:
        """The issue with these edits as Markdown, to compare it with another."""
        return render(self.draft(week, edits).digest, "md")

    # -- publishing

    def publish(self, week: str, editor: str, now: datetime, *, note: str = "", accept: bool = False) -> Published:
        """Publish the draft as it stands: rendered now in every form, and never changed again.

        Args:
            note: what is corrected, where the week's issue was published before.
            accept: publish though the editor wrote what no source has; it is put on record.

        Raises:
            UsageError: there are such doubts and they are not accepted; a correction without a note; nothing to publish.
        """
        draft = self.draft(week)
        before = self.published(draft.week)
        note = " ".join(note.split())[:1000]
        if not draft.digest.entries:
            raise UsageError(f"The issue of {draft.week} has no stories.", hint="There is nothing to publish.")
        if before and not note:
            raise UsageError(
                f"The issue of {draft.week} is published; a new version is a correction.", hint="Say what is corrected."
            )
        doubts = [doubt for found in draft.doubts.values() for doubt in found]
        if doubts and not accept:
            missing = ", ".join(dict.fromkeys(what for doubt in doubts for what in doubt.missing))
            raise UsageError(f"No source has: {missing[:300]}.", hint="Correct it, or publish and stand for it yourself.")
        told = [(each.made, each.note) for each in reversed(before) if each.number > 1] + ([(now, note)] if before else [])
        digest = replace(
            draft.digest,
            corrections=tuple(f"Corrected {moment.astimezone(self._zone):%Y-%m-%d}: {said}" for moment, said in told),
        )
        if issues.issue(self._store, draft.week) is not None:
            self.keep(draft.week, editor, f"published: {note}" if note else "published", now)
        documents = {form: render(digest, form) for form in FORMATS} | {PAGE: page_part(digest)}
        issue = Published(
            draft.week,
            0,
            now,
            editor,
            note,
            title(digest),
            " · ".join([summary_line(digest), *(entry.headline for entry in digest.entries[:5])]),
            tuple(f"{doubt.sentence} [{', '.join(doubt.missing)}]" for doubt in doubts),
            edits_document(draft.edits),
        )
        return issues.publish(self._store, issue, documents)

    def published(self, week: str) -> list[Published]:
        """The versions of a week's issue that went out, newest first."""
        return issues.published(self._store, self.week(week))

    def archive(self) -> list[Published]:
        """The newest version of every published issue, the latest week first."""
        newest: dict[str, Published] = {}
        for each in issues.published(self._store):
            newest.setdefault(each.week, each)
        return list(newest.values())

    def document(self, week: str, form: str, number: int | None = None) -> str:
        """A published issue in one of its forms, to the byte as it went out; the newest version where no number is given.

        Raises:
            NotFound: it was not published, not in this form or version.
        """
        week = self.week(week)
        if number is None:
            versions = self.published(week)
            if not versions:
                raise NotFound(f"The issue of {week} is not published.")
            number = versions[0].number
        return issues.published_document(self._store, week, number, form)

    def _keep_what_is_there(self, week: str, now: datetime, editor: str | None = None) -> None:
        stored = issues.issue(self._store, self.week(week))
        if stored is not None and stored.revision:
            holder = stored.hold.holder if stored.hold else ""
            issues.keep_version(self._store, stored.week, editor or holder, "kept before it was taken over or replaced", now)

    def _followed(self, edits: Edits) -> Edits:
        return edits.followed(lambda story: current_story(self._store, story))

    def _edited(self, composed: Digest, edits: Edits) -> Digest:
        longer = {entry.story_id: longer_extract(entry, self._reading) for entry in long_ones(composed, edits)}
        return edited(composed, edits, longer)

    def _doubts(self, digest: Digest, edits: Edits) -> dict[int, list[Doubt]]:
        found: dict[int, list[Doubt]] = {}
        for entry in digest.entries:
            edit = edits.of(entry.story_id)
            written = [text for text in (edit.headline, edit.summary, edit.note) if text]
            if written:
                evidence = self._evidence(entry)
                if doubts := [doubt for text in written for doubt in evidence.doubts(text)]:
                    found[entry.story_id] = doubts
        if edits.introduction and (doubts := self._told_in(digest).doubts(edits.introduction)):
            found[INTRODUCTION] = doubts
        return found

    def _evidence(self, entry: Entry) -> Evidence:
        articles = [c.article for c in entry.coverage]
        texts = [f"{article.title}\n{article.text}" for article in articles]
        return Evidence(texts, [a.time for a in articles], self._reading, {c.source_name for c in entry.coverage})

    def _told_in(self, digest: Digest) -> Evidence:
        """An introduction is borne out by what the issue tells."""
        entries = digest.entries
        texts = [
            " \n".join([e.headline, *(x.text for x in e.extract), *e.summary, *(f.value for f in e.figures)]) for e in entries
        ]
        names = {c.source_name for e in entries for c in e.coverage}
        moments = [c.article.time for e in entries for c in e.coverage]
        return Evidence([*texts, summary_line(digest)], moments, self._reading, names)
