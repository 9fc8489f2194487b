"""The command ``chipwire stories``: a week's stories, one of them, and corrections of who belongs to which."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import ProgressLine, bold, dim, print_json, printable, say
from index.errors import UsageError

if TYPE_CHECKING:
    from index.knowledge.stories import Story
    from index.knowledge_base import KnowledgeBase
    from index.settings import Settings


def stories(
    story: Annotated[int | None, typer.Argument(help="The id of one story, to show what each article added to it.")] = None,
    week: Annotated[str | None, typer.Option(help="An ISO week such as 2023-W47.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every story.")] = False,
    merge: Annotated[list[int] | None, typer.Option(help="Decide that STORY and the one with this id are one.")] = None,
    split: Annotated[list[int] | None, typer.Option(help="Decide that this article of STORY is another one.")] = None,
    undo: Annotated[int | None, typer.Option(help="Take the decision with this number back.")] = None,
    decided: Annotated[bool, typer.Option("--decisions", help="List what was decided on stories.")] = False,
    note: Annotated[str | None, typer.Option(help="Why, for the record of a decision.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show the stories of a week or one of them: who reported each, who repeated whom; or put right what belongs together."""
    from api.documents import stories_document, story_decisions_document, story_view_document
    from index.knowledge_base import KnowledgeBase

    asked = [story is not None, week is not None, all_, undo is not None, decided]
    if sum(asked) != 1:
        raise UsageError("Which stories?", hint="Give --week 2023-W47, --all, or the id of one.")
    if (merge or split) and story is None:
        raise UsageError("Which story?", hint="Give its id first: chipwire stories 12 --merge 15.")
    if merge and split:
        raise UsageError("Merge or split, one at a time.")
    settings = settings_of(home)
    if merge or split or undo is not None:
        number = _decide(settings, story or 0, merge or [], split or [], undo, note)
        say(
            f"Decision {number} is recorded; --undo {number} takes it back."
            if undo is None
            else f"Decision {number} is undone."
        )
        return
    with KnowledgeBase.open(settings, lexical_only=True) as kb:
        if decided:
            listed = story_decisions_document(kb.story_desk.decisions())
            if json:
                print_json(listed)
            for each in listed["decisions"] if not json else ():
                say(f"{each['id']:5}  {each['made'][:10]}  {each['kind']:5}  articles {', '.join(map(str, each['together']))}"
                    f"{printable('  ' + each['note']) if each['note'] else ''}")  # fmt: skip
        elif story is not None:
            view = kb.story_desk.story(story)
            if json:
                print_json(story_view_document(view))
                return
            _show(kb, view.story, ids=True)
            for article_id, added in view.additions.items():
                for addition in added:
                    say(f"   {dim(f'new in {article_id}:')} {printable(addition.sentence)}")
            for change in view.changes:
                what = f"{change.articles} of story {change.story_id} {change.kind} into {change.other_id}"
                say(dim(f"   {change.moment:%Y-%m-%d}: {what}"))
        else:
            found = kb.stories(week)
            if json:
                print_json(stories_document(found))
                return
            for each_story in found:
                _show(kb, each_story)


def _decide(settings: "Settings", story: int, merge: list[int], split: list[int], undo: int | None, note: str | None) -> int:
    """Record or take back a decision and apply it; returns its number."""
    from index.knowledge_base import KnowledgeBase

    now = utc_now()
    with KnowledgeBase.open(settings, writer=True) as kb:
        desk = kb.story_desk
        if undo is not None:
            decision = desk.undo(undo, now)
        elif merge:
            decision = desk.merge([story, *merge], now, note)
        else:
            decision = desk.split(story, split, now, note)
        kb.refresh(now, ProgressLine())
        return decision.id


def _show(kb: "KnowledgeBase", story: "Story", *, ids: bool = False) -> None:
    say(f"{dim(f'{story.id:5}')} {bold(printable(story.headline))}")
    for member in story.members:
        day = member.article.time.strftime("%Y-%m-%d")
        name = printable(kb.source_name(member.article.source))
        number = f"{member.article.id:6}  " if ids else ""
        say(f"   {number}{day}  {member.role:11}  {name}: {printable(member.article.title)}")
