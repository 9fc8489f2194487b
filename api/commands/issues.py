"""``chipwire digest``: writes an issue, and does with it what a newsletter needs: drafts, publishing, sending."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.clock import utc_now
from api.commands.options import Home, Json, settings_of
from api.console import ProgressLine, note, print_json, printable, say
from index.errors import ChipwireError, UsageError

_WRITE = "write"


class _WeekOrCommand(TyperGroup):
    """``chipwire digest 2023-W47`` writes that week's issue: what is no command is for the command that writes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [_WRITE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_WeekOrCommand,
    help="Write the digest of a week (chipwire digest 2023-W47), publish it, send it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
Week = Annotated[str, typer.Argument(help="An ISO week such as 2023-W47.")]
Unsubscribe = Annotated[
    str | None, typer.Option(help="Where readers leave the list: an https: or mailto: address, {recipient} is filled in.")
]


@app.command(_WRITE)
def write(
    week: Annotated[str | None, typer.Argument(help="An ISO week such as 2023-W47.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Instead of a week: the first day.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="The last day, in it.")] = None,
    format_: Annotated[str, typer.Option("--format", help="md, html, json or eml.")] = "md",
    draft: Annotated[bool, typer.Option("--draft", help="As it would be now, though it is published.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write the digest of a week, or of any days: its stories by importance, in sections, each with extracts and sources.

    A published issue is written as it went out, any other with what its editor changed so far.
    """
    from index.digest.render import FORMATS, render
    from index.knowledge_base import KnowledgeBase

    if (week is None) == (from_ is None and to is None) or (from_ is None) != (to is None):
        raise UsageError("Which days?", hint="Give a week such as 2023-W47, or --from and --to.")
    form = "json" if json else format_
    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb, ProgressLine() as progress:
        if week is None:
            written = render(kb.digest_between(str(from_), str(to), progress), form)
        elif form in FORMATS and not draft and kb.issues.published(week):
            written = kb.issues.document(week, form)
        else:
            kb.digest(week, progress)  # composed here for its progress; the draft is made of what is kept
            written = render(kb.issues.draft(week).digest, form)
        progress.clear()
        sys.stdout.write(written)


@app.command("publish")
def publish(
    week: Week,
    by: Annotated[str, typer.Option(help="Who publishes it.")] = "",
    correction: Annotated[str, typer.Option(help="What is corrected, where the issue is published already.")] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Stand for what its editor wrote and no source has.")] = False,
    home: Home = None,
) -> None:
    """Publish the issue of a week as it stands: from then on it never changes; another version is a correction."""
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        issue = kb.issues.publish(week, by[:60], utc_now(), note=correction, accept=accept)
    say(f"Published {issue.week}, version {issue.number}: /digests/{issue.week}")


@app.command("archive")
def archive(home: Home = None, json: Json = False) -> None:
    """List the published issues."""
    from index.knowledge_base import KnowledgeBase
    from index.text.times import iso

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.issues.archive()
    if json:
        print_json(
            {"issues": [{"week": i.week, "version": i.number, "published": iso(i.made), "title": i.title} for i in found]}
        )
        return
    for issue in found:
        say(f"{issue.week}  {issue.made:%Y-%m-%d %H:%M}  version {issue.number}  {printable(issue.summary)}")


@app.command("draft")
def draft(
    week: Annotated[str | None, typer.Argument(help="An ISO week; the one that ended last where none is given.")] = None,
    every: Annotated[str | None, typer.Option(help='Go on for ever, at this time of each week: "Mon 07:00".')] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files (default: drafts in the data folder).")] = None,
    test: Annotated[str | None, typer.Option(help="Send it to this address as well.")] = None,
    summaries: Annotated[
        bool, typer.Option("--summaries", help="Have the endpoint of CHIPWIRE_SUMMARY_URL write the summaries first.")
    ] = False,
    home: Home = None,
) -> None:
    """Write the draft of a week as files in every format; on a schedule with --every."""
    from api.drafting import DRAFTS, draft_every, send_test, write_draft
    from api.summaries import summarise
    from index.digest.recipients import read_address
    from index.digest.schedule import last_week, read_weekly
    from index.knowledge_base import KnowledgeBase

    settings = settings_of(home)
    address = read_address(test) if test is not None else None

    def work(due: str) -> None:
        with KnowledgeBase.open(settings, lexical_only=True) as kb:
            if summaries:
                fared = summarise(kb, settings, due, utc_now, lambda line: note(printable(line)))
                note(
                    f"{fared['written']:,} summaries written, {fared['refused']:,} sentences refused, {fared['failed']} failed."
                )
            for path in write_draft(kb, due, out or settings.home / DRAFTS):
                say(str(path))
            if address is not None:
                send_test(kb, settings, due, address, None, utc_now())
                note(f"Sent to {address}.")

    def work_and_go_on(due: str) -> None:
        try:
            work(due)
        except ChipwireError as error:
            note(f"chipwire: {printable(str(error))}")

    if every is None:
        work(week or last_week(utc_now(), settings.zone))
        return
    if week is not None:
        raise UsageError("A schedule is for the week that ended last.", hint="Leave the week out, or --every.")
    draft_every(read_weekly(every), settings, work_and_go_on, utc_now)


@app.command("push")
def push(
    week: Week,
    to: Annotated[str, typer.Option(help="listmonk or ghost.")],
    again: Annotated[bool, typer.Option("--again", help="Though it was pushed there before.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Make the draft of a week a draft of listmonk or Ghost, as the settings say; nothing is sent or published there."""
    from api.pushing import push as run
    from index.knowledge_base import KnowledgeBase

    settings = settings_of(home)
    with KnowledgeBase.open(settings, lexical_only=True) as kb:
        pushed = run(kb, settings, week, to, utc_now(), again=again)
    if json:
        print_json({"week": pushed.week, "target": pushed.target, "id": pushed.id})
        return
    say(f"{pushed.target} has the issue of {pushed.week} as a draft: {printable(pushed.id)}")


@app.command("send")
def send(
    week: Week,
    to: Annotated[Path | None, typer.Option(help="A file with an address on each line; - for standard input.")] = None,
    test: Annotated[str | None, typer.Option(help="Instead: send the draft to this one address, off the record.")] = None,
    unsubscribe: Unsubscribe = None,
    correction: Annotated[
        bool, typer.Option("--correction", help="Send the newest version to those too who have an earlier one.")
    ] = False,
    retry_unsure: Annotated[
        bool, typer.Option("--retry-unsure", help="Send again where nobody knows whether the mail arrived.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Send a published issue by mail, to nobody twice; run again after a crash, it goes on where it was."""
    from api.drafting import send_test
    from api.issue_mail import send_issue
    from api.smtp import mail_server
    from index.digest.recipients import read_address, read_recipients
    from index.knowledge_base import KnowledgeBase

    if (to is None) == (test is None):
        raise UsageError("To whom?", hint="Give --to FILE with an address on each line, or --test ADDRESS.")
    settings = settings_of(home)
    if test is not None:
        address = read_address(test)
        with KnowledgeBase.open(settings, lexical_only=True) as kb:
            send_test(kb, settings, week, address, unsubscribe, utc_now())
        say(f"Sent the draft to {address}.")
        return
    recipients = read_recipients(_lines(to))
    with KnowledgeBase.open(settings, lexical_only=True) as kb, ProgressLine() as progress, mail_server(settings) as server:
        versions = kb.issues.published(week)
        if not versions:
            raise UsageError(f"The issue of {week} is not published.", hint="Publish it first: chipwire digest publish.")
        newest = versions[0]
        fared = send_issue(
            kb.store,
            server,
            kb.issues.document(week, "eml", newest.number),
            newest.week,
            newest.number,
            recipients,
            sender=settings.smtp_from,
            unsubscribe=unsubscribe,
            clock=utc_now,
            correction=correction,
            retry_unsure=retry_unsure,
            progress=progress,
        )
    if json:
        print_json({"week": newest.week, "version": newest.number, **_counts(fared)})
        return
    say(", ".join(f"{count:,} {words}" for words, count in _counts(fared).items()) + ".")
    if set(fared) & {"refused", "deferred", "sending"}:
        say(f"chipwire digest sent {newest.week} says who, and why.")


@app.command("sent")
def sent(week: Week, home: Home = None, json: Json = False) -> None:
    """List who was sent an issue, with what their mail server said."""
    from index.knowledge_base import KnowledgeBase
    from index.store.sendings import sendings
    from index.text.times import iso

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = sendings(kb.store, kb.issues.week(week))
    if json:
        fields = ("recipient", "code", "answer")
        print_json(
            {
                "sent": [
                    {**{f: getattr(s, f) for f in fields}, "version": s.number, "state": _WORDS[s.state], "at": iso(s.moment)}
                    for s in found
                ]
            }
        )
        return
    for s in found:
        answer = printable(f"{s.code or ''} {s.answer}".strip())
        say(f"{s.moment:%Y-%m-%d %H:%M}  {_WORDS[s.state]:8}  {printable(s.recipient)}  version {s.number}  {answer}")


_WORDS = {"sent": "sent", "skipped": "skipped", "deferred": "deferred", "refused": "refused", "sending": "unsure"}


def _counts(fared: dict[str, int]) -> dict[str, int]:
    return {words: fared.get(state, 0) for state, words in _WORDS.items()}


def _lines(path: Path | None) -> list[str]:
    if path is None or str(path) == "-":
        return sys.stdin.read().splitlines()
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
