"""The editor of an issue: one form that works without JavaScript; `editor.js` only saves it while it is being filled in.

Every button sends the whole form, so that nothing that was typed is lost by moving a story.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from index.digest.compose import Entry
from index.digest.desk import INTRODUCTION, Draft, IssueDesk
from index.digest.edits import LENGTHS, Edits, edits_document, moved, read_edits
from index.errors import FilterError, NotFound, UsageError
from index.text.diff import Piece, difference
from web.forms import read_form
from web.issue_words import issue_words
from web.rendering import language_of, pages_of

COOKIE = "editor"
_MOST_BYTES, _MOST_FIELDS = 8_000_000, 40_000
"""Of the editor's form, which has every text of an issue in it twice."""
_NAMES = ("headline", "summary", "note", "length", "section", "merge")

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Editor:
    """Who edits, as their cookie says: a token that nobody else has, and the name that others see."""

    token: str
    name: str

    @property
    def cookie(self) -> str:
        return f"{self.token}.{quote(self.name, safe='')}"

    @classmethod
    def of(cls, request: Request) -> "_Editor":
        token, _, name = request.cookies.get(COOKIE, "").partition(".")
        known = len(token) == 32 and token.isalnum()
        return cls(token if known else secrets.token_hex(16), _name(unquote(name)) if known else "")


@router.get("/digests/{week}/edit")
def edit(request: Request, week: str) -> Response:
    desk = pages_of(request).kb.issues
    return _page(request, desk.draft(week), _Editor.of(request))


@router.get("/digests/{week}/edit/versions/{number}")
def version(request: Request, week: str, number: int) -> Response:
    pages = pages_of(request)
    desk = pages.kb.issues
    if not 0 < number < 2**31:
        raise NotFound("There is no such version.")
    then = desk.version(week, number)
    draft = desk.draft(week)
    before, after = desk.text_of(week, read_edits(then.edits)), desk.text_of(week, draft.edits)
    pieces: list[Piece] = difference(before, after)
    held = _holds(draft, _Editor.of(request), pages.clock())
    return pages.render(
        request, "issue_version.html", data=None, week=draft.week, version=then, pieces=pieces, held=held,
        same=before == after,
    )  # fmt: skip


@router.post("/digests/{week}/edit")
async def change(request: Request, week: str) -> Response:
    form = await read_form(request, most_bytes=_MOST_BYTES, most_fields=_MOST_FIELDS)
    return await to_thread.run_sync(_change, request, week, form.last)


def _change(request: Request, week: str, form: Mapping[str, str]) -> Response:
    pages = pages_of(request)
    desk, now = pages.kb.issues, pages.clock()
    week = desk.week(week)
    here = f"/digests/{week}/edit"
    editor = _Editor.of(request)
    do, _, of = form.get("do", "").partition(":")
    if do in ("hold", "take"):
        return _begin(request, desk, week, _Editor(editor.token, _name(form.get("name", ""))), form, by_force=do == "take")
    edits = _edits(form, desk.edits(week))
    if do in ("up", "down", "first"):
        places = {"up": -1, "down": 1, "first": -10_000}[do]
        edits = moved(desk.draft(week, edits).composed, edits, _story(of), places)
    elif do == "back":
        edits = edits.with_entry(_story(of), dropped=False)
    elif do == "apart":
        edits = edits.with_entry(_story(of), merged_into=None)
    elif do == "restore":
        saved = desk.restore(week, _story(of), editor.token, editor.name, now)
        return RedirectResponse(here, 303) if saved is not None else _taken(request, desk, week, edits, editor)
    elif do not in ("save", "autosave", "keep", "publish", "leave"):
        raise FilterError("The form asks for nothing that can be done.")
    if desk.save(week, edits, editor.token, now) is None:
        return _taken(request, desk, week, edits, editor, as_data=do == "autosave")
    if do == "autosave":
        return JSONResponse(_saved(desk.draft(week)))
    if do == "keep":
        desk.keep(week, editor.name, " ".join(form.get("version", "").split()), now)
    if do == "leave":
        desk.leave(week, editor.token)
        return RedirectResponse(f"/digests/{week}?draft", 303)
    if do == "publish":
        try:
            desk.publish(week, editor.name, now, note=form.get("correction", ""), accept="accept" in form)
        except UsageError as error:
            return _page(request, desk.draft(week), editor, trouble=str(error), status=400)
        return RedirectResponse(f"/digests/{week}", 303)
    return RedirectResponse(f"{here}#story-{_story(of)}" if of else here, 303)


def _begin(
    request: Request, desk: IssueDesk, week: str, editor: _Editor, form: Mapping[str, str], *, by_force: bool
) -> Response:
    """Hold the issue, and store what the form has where somebody else had taken it meanwhile."""
    if not editor.name:
        return _page(request, desk.draft(week), editor, trouble="Give a name, so that others know who is editing.", status=400)
    now = pages_of(request).clock()
    hold = desk.hold(week, editor.name, editor.token, now, by_force=by_force)
    if hold.token == editor.token and "shown" in form:
        desk.save(week, _edits(form, desk.edits(week)), editor.token, now)
    answer = RedirectResponse(f"/digests/{week}/edit", 303)
    answer.set_cookie(
        COOKIE, editor.cookie, max_age=90 * 86_400, path="/digests", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


def _taken(request: Request, desk: IssueDesk, week: str, edits: Edits, editor: _Editor, *, as_data: bool = False) -> Response:
    """Somebody else edits the issue: nothing was stored, and nothing that was typed is lost."""
    draft = desk.draft(week, edits)
    if as_data:
        return JSONResponse({"holder": draft.hold.holder if draft.hold else None}, 409)
    return _page(request, draft, editor, unsaved=True, status=409)


def _page(
    request: Request, draft: Draft, editor: _Editor, *, trouble: str | None = None, unsaved: bool = False, status: int = 200
) -> Response:
    pages = pages_of(request)
    desk, now = pages.kb.issues, pages.clock()
    held = _holds(draft, editor, now)
    other = draft.hold if draft.hold and draft.hold.token != editor.token and draft.hold.until > now else None
    page = pages.render(
        request,
        "editor.html",
        data=None,
        draft=draft,
        digest=draft.digest,
        **issue_words(draft.digest, language_of(request), pages.kb.reading.claims.attributes.names()),
        form=held or unsaved,
        held=held,
        unsaved=unsaved,
        other=other,
        editor=editor.name,
        trouble=language_of(request).say(trouble) if trouble else None,
        merged=_merged(draft),
        dropped=[e for e in draft.composed.entries if draft.edits.of(e.story_id).dropped],
        composed={entry.story_id: entry for entry in draft.composed.entries},
        original=_original,
        lengths=LENGTHS,
        introduction=INTRODUCTION,
        versions=desk.versions(draft.week)[:30],
        published=desk.published(draft.week),
    )
    page.status_code = status
    return page


def _holds(draft: Draft, editor: _Editor, now: datetime) -> bool:
    return draft.hold is not None and draft.hold.token == editor.token


def _original(entry: Entry) -> str:
    """The summary as composed, to begin from."""
    return " ".join(extract.text for extract in entry.extract)


def _merged(draft: Draft) -> dict[int, list[Entry]]:
    """The entries that are told with each story."""
    shown = {entry.story_id for entry in draft.digest.entries}
    found: dict[int, list[Entry]] = {}
    for entry in draft.composed.entries:
        into = draft.edits.of(entry.story_id).merged_into
        if into is not None and entry.story_id not in shown and not draft.edits.of(entry.story_id).dropped:
            found.setdefault(into, []).append(entry)
    return found


def _saved(draft: Draft) -> dict[str, object]:
    return {
        "revision": draft.revision,
        "doubts": {
            str(story): [{"sentence": doubt.sentence, "missing": list(doubt.missing)} for doubt in doubts]
            for story, doubts in draft.doubts.items()
        },
    }


def _edits(form: Mapping[str, str], base: Edits) -> Edits:
    """The edits that a form asks for: of stories that it shows what it says, of others what is stored.

    A text is the editor's own only where it differs from the one that the form was given.
    """
    if "shown" not in form:
        return base
    document: dict[str, Any] = edits_document(base)
    for name in [part for part in form["shown"].split(",") if part]:
        story = _story(name)
        given = {field: form.get(f"{field}-{story}", "").replace("\r\n", "\n").strip() for field in _NAMES}
        as_composed = {field: form.get(f"was-{field}-{story}", "") for field in ("headline", "summary")}
        document["entries"][str(story)] = {
            "dropped": f"drop-{story}" in form,
            "pinned": f"pin-{story}" in form,
            "merged_into": given["merge"].partition(" ")[0] or None,
            **{f: given[f] if given[f].split() != as_composed[f].split() else None for f in as_composed},
            **{field: given[field] or None for field in ("note", "length", "section")},
        }
    document["length"] = form.get("length", base.length)
    document["introduction"] = form.get("introduction")
    return read_edits(document)


def _story(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < len(text) <= 18:
        raise FilterError(f"{text[:30]!r} is no story.")
    return int(text)


def _name(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:60]
