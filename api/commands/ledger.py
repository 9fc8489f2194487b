"""Commands on what is claimed: asking the ledger, writing it out, correcting it, reading it again."""

import sys
from json import dumps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.clock import utc_now
from api.commands.deciding import Tell, decide
from api.commands.options import Home, Json, settings_of, writing
from api.console import bold, dim, note, print_json, printable, say
from index.errors import UsageError

if TYPE_CHECKING:
    from index.knowledge.ledger.entries import Entry
    from index.knowledge_base import KnowledgeBase
    from index.store.claims import ClaimFilter

app = typer.Typer(help="The ledger of claims: write it out, correct it, see what follows from it.", no_args_is_help=True)

EntityName = Annotated[str, typer.Argument(metavar="ENTITY", help="An entity's id, or any of its names in either language.")]
Attribute = Annotated[list[str] | None, typer.Option(help="What is claimed: power, price, maker, volume-production…")]
Status = Annotated[list[str] | None, typer.Option(help="announced, reported, estimated, denied or stated.")]
Lang = Annotated[list[str] | None, typer.Option(help="en or zh.")]
Source = Annotated[list[str] | None, typer.Option(help="A source's id.")]
After = Annotated[str | None, typer.Option(help="Reported from this day, month or week on.")]
Before = Annotated[str | None, typer.Option(help="Reported before this day, month or week.")]
Alone = Annotated[bool, typer.Option("--alone", help="Of a company only its own claims, not those of its products.")]
Number = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many entries.")]


def claims(
    entity: EntityName,
    attribute: Attribute = None,
    status: Status = None,
    lang: Lang = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    alone: Alone = False,
    k: Number = 100,
    home: Home = None,
    json: Json = False,
) -> None:
    """What is claimed of an entity: each fact with its sentence, its sources, and what contradicts it."""
    from api.claim_documents import claims_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        wanted = _filter(kb, attribute, status, lang, source, after, before)
        key = kb.resolve_entity(entity)
        found = kb.ledger.claims(key, wanted, alone=alone)
        contradictions = kb.ledger.conflicts(key, wanted, alone=alone)
        name_of = kb.reading.catalogue.name_of
        if json:
            print_json(claims_document(kb.reading.catalogue.by_id[key], found, contradictions, name_of, k))
            return
        say(_counted(found))
        for entry in found[:k]:
            _show(kb, entry)
        for conflict in contradictions[0]:
            say()
            what = "Changed by the company itself" if conflict.changed else "Contradiction"
            say(bold(printable(f"{what}: {_of(kb, conflict.entity_id, conflict.attribute)}")))
            for side in conflict.sides:
                _show(kb, side, "    ")
        if len(found) > k:
            note(f"{len(found) - k:,} more; -k {min(1000, len(found))} shows them.")


def timeline(
    entity: EntityName,
    attribute: Attribute = None,
    status: Status = None,
    lang: Lang = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    alone: Alone = False,
    k: Number = 200,
    home: Home = None,
    json: Json = False,
) -> None:
    """What happened to an entity, by when it happened, with the day of the report beside it; and what was promised."""
    from api.claim_documents import timeline_document
    from index.knowledge.ledger.wording import days_words, value_words
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        wanted = _filter(kb, attribute, status, lang, source, after, before)
        key = kb.resolve_entity(entity)
        moments = kb.ledger.timeline(key, wanted, alone=alone)
        promised = kb.ledger.roadmap(key, wanted, alone=alone)
        name_of = kb.reading.catalogue.name_of
        if json:
            print_json(timeline_document(kb.reading.catalogue.by_id[key], moments, promised, name_of, k))
            return
        for moment in moments[-k:]:
            lead = moment.entry.lead
            when = days_words(moment.when) if moment.when else f"(reported) {moment.reported}"
            value = "" if lead.when is not None else f": {value_words(lead, name_of)}"
            say(printable(f"{when:24} {_of(kb, lead.entity_id, lead.attribute)}{value}"))
            say(dim(printable(f"{'':24} {lead.quote}")))
            say(dim(printable(f"{'':24} {kb.source_name(lead.source)}, {moment.reported}; {_count(moment.entry)}")))
        for milestone in promised:
            times = " → ".join(days_words(promise.when) for promise in milestone.promises)
            slip = "" if milestone.slip is None else f", {milestone.slip:+} days"
            state = "reached" if milestone.reached else "promised"
            say(f"{bold(state)} {printable(_of(kb, milestone.entity_id, milestone.attribute))}: {times}{slip}")


def compare(
    entities: Annotated[list[str], typer.Argument(metavar="ENTITY ENTITY…", help="Two to four ids or names.")],
    attribute: Attribute = None,
    status: Status = None,
    lang: Lang = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many claims of each one an attribute.")] = 1,
    home: Home = None,
    json: Json = False,
) -> None:
    """Chips or companies side by side: each attribute with what is claimed of each, the sentence and the source."""
    from api.claim_documents import compare_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        keys = list(dict.fromkeys(kb.resolve_entity(each) for each in entities))
        rows = kb.ledger.compare(keys, _filter(kb, attribute, status, lang, source, after, before))
        catalogue, names = kb.reading.catalogue, kb.ledger.attributes()
        if json:
            print_json(compare_document([catalogue.by_id[key] for key in keys], rows, names, catalogue.name_of, k))
            return
        for row in rows:
            say(bold(names[row.attribute][0] if row.attribute in names else row.attribute))
            for cell in row.cells:
                if not cell.entries:
                    say(dim(printable(f"  {catalogue.name_of(cell.entity_id)}: nothing")))
                for entry in cell.entries[:k]:
                    _show(kb, entry, "  ")
                if cell.conflicts:
                    say(f"  Contradicted; chipwire claims {cell.entity_id} --attribute {row.attribute} shows it.")


@app.command()
def export(
    format_: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    entity: Annotated[str | None, typer.Option(help="Only claims in which this entity takes part.")] = None,
    attribute: Attribute = None,
    status: Status = None,
    lang: Lang = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    home: Home = None,
) -> None:
    """Write the ledger to standard output, one claim of one article a line."""
    from api.claim_documents import ledger_lines
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        wanted = _filter(kb, attribute, status, lang, source, after, before)
        found = kb.ledger.written(kb.resolve_entity(entity) if entity else None, wanted)
        for line in ledger_lines(found, format_, kb.reading.catalogue.name_of):
            sys.stdout.write(line)


@app.command()
def rumours(entity: EntityName, home: Home = None, json: Json = False) -> None:
    """What was reported of an entity before its company said anything, and what became of it."""
    from api.claim_documents import rumours_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.ledger.rumours(kb.resolve_entity(entity), utc_now().date())
        if json:
            print_json(rumours_document(found, kb.reading.catalogue.name_of))
            return
        for rumour in found:
            say(" → ".join(f"{bold(step.state)} {step.day}" for step in rumour.steps))
            _show(kb, rumour.entry, "    ")


@app.command()
def relations(entity: EntityName, home: Home = None, json: Json = False) -> None:
    """How an entity stands to others: who makes, packages, buys, rents out, invests, competes."""
    from api.claim_documents import relations_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        found = kb.ledger.relations(kb.resolve_entity(entity))
        if json:
            print_json(relations_document(found, kb.reading.catalogue.name_of))
            return
        name_of = kb.reading.catalogue.name_of
        for tie in found:
            state = f"until {tie.ended}" if tie.ended else "expected" if tie.expected else f"last said {tie.last}"
            say(bold(printable(f"{_of(kb, tie.subject_id, tie.relation)}: {name_of(tie.object_id)}")))
            say(dim(printable(f"    since {tie.since}, {state}; {_count(tie.entry)}")))
            say(dim(printable(f"    {tie.entry.first.quote}")))


@app.command()
def reliability(home: Home = None, json: Json = False) -> None:
    """Who was right: what became of the rumours of each origin, with the counts."""
    from api.claim_documents import reliability_document
    from index.knowledge.ledger.wording import origin_words
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        records = kb.ledger.reliability(utc_now().date())
        if json:
            print_json(reliability_document(records))
            return
        say(f"{'origin':32} {'confirmed':>9} {'denied':>6} {'expired':>7} {'open':>5} {'first':>5}  right")
        for record in records:
            right = "too few" if record.right is None else f"{record.right:.0%}"
            name = printable(origin_words(record.origin, kb.reading.catalogue.name_of))
            say(
                f"{name:32} {record.confirmed:9} {record.denied:6} {record.expired:7} {record.open:5} {record.first:5}  {right}"
            )


@app.command()
def wrong(
    claim: Annotated[int, typer.Argument(help="The number of the claim, as claims shows it.")],
    why: Annotated[str | None, typer.Option("--note", help="Why.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a wrong claim out of the ledger, for good: whatever reads its article later."""
    decide(home, {"what": "wrong", "claim": claim, "note": why}, _told(json=json), json=json)


@app.command()
def change(
    claim: Annotated[int, typer.Argument(help="The number of the claim, as claims shows it.")],
    to: Annotated[list[str], typer.Argument(help="What is different, such as entity=nvidia-h800 or low=700.")],
    why: Annotated[str | None, typer.Option("--note", help="Why.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Put right what was misread in a claim; it stays put right, whatever reads its article later."""
    pairs = [each.partition("=") for each in to]
    if unread := [name for name, sign, _ in pairs if not sign or not name]:
        raise UsageError(
            f"{unread[0]!r} does not say what is to be changed into what.", hint="Write attribute=power or low=700."
        )
    fields = dumps({name: value for name, _, value in pairs})
    decide(home, {"what": "change", "claim": claim, "to": fields, "note": why}, _told(json=json), json=json)


@app.command()
def undo(
    decision: Annotated[int, typer.Argument(help="The number of the correction.")], home: Home = None, json: Json = False
) -> None:
    """Take a correction back: its article is read as if it had never been made."""
    decide(home, {"what": "undo", "decision": decision}, _told(json=json), json=json)


@app.command()
def corrections(home: Home = None, json: Json = False) -> None:
    """List the corrections that hold."""
    from api.claim_documents import decision_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(settings_of(home), lexical_only=True) as kb:
        made = kb.ledger.corrections()
        if json:
            print_json({"corrections": [decision_document(each) for each in made]})
            return
        for each in made:
            what = "wrong" if each.kind == "claim-wrong" else f"changed to {each.detail.get('to')}"
            claim = f"{each.detail['entity']} {each.detail['attribute']} {each.detail['written']}"
            say(
                printable(
                    f"{each.id:5} {each.made:%Y-%m-%d} {each.subject} {claim}: {what}{f' ({each.note})' if each.note else ''}"
                )
            )


def reprocess(
    everything: Annotated[bool, typer.Option("--all", help="Also what the present rules have read already.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Read every article again by the rules of this version, and say what changed. May be interrupted, and goes on."""
    from api.claim_documents import reprocess_document

    with writing(settings_of(home)) as (kb, progress):
        reports = kb.reprocess(progress, everything=everything)
    if json:
        print_json(reprocess_document(reports.items()))
        return
    for name, report in reports.items():
        moved = f"{_sum(report.added)} came, {_sum(report.removed)} went"
        say(f"{name}: {report.read:,} articles read, {report.changed:,} changed; {moved}")
        for attribute in sorted({*report.added, *report.removed}):
            say(f"   {attribute:20} +{report.added[attribute]:<5} -{report.removed[attribute]}")
        for number, title, came, went in report.examples:
            say(dim(printable(f"   article {number}: +{came} -{went}  {title}")))


def _filter(
    kb: "KnowledgeBase",
    attribute: list[str] | None,
    status: list[str] | None,
    lang: list[str] | None,
    source: list[str] | None,
    after: str | None,
    before: str | None,
) -> "ClaimFilter":
    from index.knowledge.ledger.asking import read_claim_filter

    return read_claim_filter(
        kb.ledger.attributes(),
        attribute=attribute or (),
        status=status or (),
        lang=lang or (),
        source=source or (),
        after=after,
        before=before,
        zone=kb.settings.zone,
        now=utc_now(),
    )


def _show(kb: "KnowledgeBase", entry: "Entry", indent: str = "") -> None:
    from index.knowledge.ledger.wording import condition_words, origin_words, status_words, value_words

    lead, name_of = entry.lead, kb.reading.catalogue.name_of
    condition = condition_words(lead, name_of)
    what = f"{_of(kb, lead.entity_id, lead.attribute)}: {value_words(lead, name_of)}{f' ({condition})' if condition else ''}"
    say(indent + bold(printable(what)))
    origins = ", ".join(origin_words(origin, name_of) for origin in entry.origins[:5])
    say(dim(printable(f"{indent}    {status_words(lead, name_of)}; {_count(entry)} ({origins}); claim {lead.id}")))
    say(f"{indent}    “{printable(lead.quote)}”")
    day = (lead.published or lead.first_seen or utc_now()).strftime("%Y-%m-%d")
    say(dim(printable(f"{indent}    {kb.source_name(lead.source)}, {day}  {lead.url}")))


def _of(kb: "KnowledgeBase", entity_id: str, attribute: str) -> str:
    names = kb.ledger.attributes()
    return f"{kb.reading.catalogue.name_of(entity_id)} · {names[attribute][0] if attribute in names else attribute}"


def _count(entry: "Entry") -> str:
    """ "12 articles, 2 origins"."""
    articles, origins = entry.articles, len(entry.origins)
    return f"{articles:,} article{'s' if articles != 1 else ''}, {origins:,} origin{'s' if origins != 1 else ''}"


def _counted(found: list["Entry"]) -> str:
    articles = len({claim.article_id for entry in found for claim in entry.claims})
    origins = len({origin for entry in found for origin in entry.origins})
    claims = f"{len(found):,} claim{'s' if len(found) != 1 else ''}"
    return f"{claims} from {articles:,} article{'s' if articles != 1 else ''}, {origins:,} origin{'s' if origins != 1 else ''}"


def _told(*, json: bool) -> Tell:
    return lambda _, decision: _decided(decision, json)


def _decided(decision: Any, json: bool) -> None:
    from api.claim_documents import decision_document

    if json:
        print_json(decision_document(decision))
    else:
        state = "taken back" if decision.undone else "holds; chipwire ledger undo takes it back"
        say(f"Correction {decision.id} {state}.")


def _sum(counts: Any) -> str:
    return f"{sum(counts.values()):,}"
