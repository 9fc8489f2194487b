"""An issue as a mail: HTML with a plain-text part beside it, and the headers that senders owe their readers."""

import re
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from index.digest.compose import Digest
from index.digest.render import NOTE, headline, mail_html, told
from index.digest.wording import coverage_parts, dates, day, paragraphs, remarks, said, since, summary_line, title

MOST_HTML = 95_000
"""Bytes of the HTML part: mail programs cut off what is longer than 102 KB."""
TRANSPORT = SMTP.clone(cte_type="7bit", max_line_length=500)
_UNSAFE = re.compile(r"[\r\n\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from and to. ``unsubscribe`` is an address (mailto: or https:) at which a reader leaves the list."""

    sender: str = "Chipwire <chipwire@localhost>"
    to: str = "undisclosed-recipients:;"
    unsubscribe: str | None = None


def mail(digest: Digest, envelope: Envelope | None = None) -> EmailMessage:
    """The message. The same issue gives the same bytes: its date is the issue's own, and its id is made from it.

    Of an issue that is too long for a mail the last stories are left out, which the mail says.
    """
    envelope = envelope or Envelope()
    message = EmailMessage(policy=TRANSPORT)
    first = digest.entries[0].headline if digest.entries else "nothing new"
    message["Subject"] = _line(f"{title(digest)}: {first}")[:200]
    message["From"] = _line(envelope.sender)
    message["To"] = _line(envelope.to)
    message["Date"] = format_datetime(digest.until)
    message["Message-ID"] = f"<digest-{re.sub(r'[^0-9A-Za-z]+', '-', digest.week)}@chipwire.invalid>"
    if envelope.unsubscribe:
        message["List-Unsubscribe"] = f"<{_line(envelope.unsubscribe)}>"
        if envelope.unsubscribe.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    sent, html = that_fits(digest)
    message.set_content(plain_text(sent), cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    message.set_boundary(f"=_{digest.since:%Y%m%d}-{digest.until:%Y%m%d}_=")
    return message


def mail_text(digest: Digest) -> str:
    """The message as a file that mail programs open (``.eml``)."""
    return mail(digest).as_bytes().decode("ascii")


def plain_text(digest: Digest) -> str:
    """The issue for readers of plain text: what the HTML says, with addresses written out."""
    lines = [title(digest).upper(), f"{dates(digest)} - {summary_line(digest)}", *remarks(digest), ""]
    for paragraph in paragraphs(digest.introduction):
        lines += [paragraph, ""]
    for _, heading, entries in digest.sections:
        lines += [heading.upper(), ""]
        for entry in entries:
            lines += [f"* {headline(entry)}"]
            if entry.earlier:
                lines += [f"  {since(entry)}"]
            for paragraph in entry.summary:
                lines += ["", f"  {paragraph}"]
            for extract in told(entry):
                lines += ["", f"  {extract.text}"] + ([f"  [Word by word: {extract.gloss}]"] if extract.gloss else [])
            for number, paragraph in enumerate(paragraphs(entry.note)):
                lines += ["", f"  {NOTE} {paragraph}" if number == 0 else f"  {paragraph}"]
            lines += [""] if entry.figures else []
            for figure in entry.figures:
                words = said(figure)
                lines += [f"  - {figure.entity}, {figure.attribute.lower()}: {figure.value}" + (f" ({words})" if words else "")]
            own, copies = coverage_parts(entry)
            lines += ["", *(f"  {name}, {day(moment)}: {url}" for name, url, moment in own)]
            lines += [f"  {copies}"] if copies else []
            lines += [""]
    for heading, ids in (
        ("In the Chinese press, not in the English one", digest.only_zh),
        ("In the English press, not in the Chinese one", digest.only_en),
    ):
        if ids:
            lines += [heading.upper(), *(f"- {headline(digest.entry(story))}" for story in ids), ""]
    return "\n".join(lines).rstrip() + "\n"


def that_fits(digest: Digest) -> tuple[Digest, str]:
    """As many of the issue's first stories as there is room for, and the HTML of them."""
    html = mail_html(digest)
    fits, too_many = 0, len(digest.entries)
    if len(html.encode()) <= MOST_HTML:
        return digest, html
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if len(mail_html(_cut(digest, middle)).encode()) <= MOST_HTML:
            fits = middle
        else:
            too_many = middle
    cut = _cut(digest, fits)
    return cut, mail_html(cut)


def _cut(digest: Digest, stories: int) -> Digest:
    kept = digest.entries[:stories]
    ids = {entry.story_id for entry in kept}
    return replace(
        digest,
        entries=kept,
        only_zh=tuple(story for story in digest.only_zh if story in ids),
        only_en=tuple(story for story in digest.only_en if story in ids),
        cut=len(digest.entries) - stories,
    )


def _line(text: str) -> str:
    """One line for a header: nothing that was crawled can add another."""
    return _UNSAFE.sub(" ", text).strip()
