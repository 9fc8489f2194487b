"""Those who get an issue by mail: lists of addresses, and the mail that is made out to one of them."""

import email
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

from index.digest.mail import TRANSPORT
from index.errors import FilterError

MOST = 1_000_000
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}"
)


def read_address(text: str) -> str:
    """The bare address in ``a@b`` or ``Name <a@b>``; its domain in small letters.

    Raises:
        FilterError: none, or one that not every mail server takes.
    """
    address = parseaddr(text)[1] if "<" in text else text.strip()
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise FilterError(f"{text.strip()[:80]!r} is no mail address.")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def read_recipients(lines: Iterable[str]) -> list[str]:
    """The addresses of a list, one a line, in their order; empty lines and those with ``#`` first are passed over, and of
    addresses that differ in capitals only the first is kept.

    Raises:
        FilterError: a line that is no address, with its number; more than `MOST`; none at all.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        line = line.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        try:
            address = read_address(line)
        except FilterError as error:
            raise FilterError(f"Line {number}: {error.message}") from None
        found.setdefault(address.lower(), address)
        if len(found) > MOST:
            raise FilterError(f"The list has more than {MOST:,} addresses.")
    if not found:
        raise FilterError("The list has no address.")
    return list(found.values())


def made_out(stored: str, recipient: str, sender: str, unsubscribe: str | None, now: datetime, name: str) -> EmailMessage:
    """An issue's stored mail, made out to one reader; its text and HTML stay as they are.

    Args:
        unsubscribe: an ``https:`` or ``mailto:`` address at which a reader leaves the list, ``{recipient}`` in it is filled
            in; None for a mail to the sender.
        name: what the message's id is made from, with the recipient: the same mail keeps its id however often it is sent.

    Raises:
        FilterError: `unsubscribe` is neither.
    """
    address = parseaddr(sender)[1] or "chipwire@localhost"
    leave = (unsubscribe or f"mailto:{address}?subject=unsubscribe").replace("{recipient}", quote(recipient, safe=""))
    if not re.fullmatch(r"(?:https://|mailto:)[!-;=?-~]+", leave):
        raise FilterError(f"{leave[:80]!r} is no https: or mailto: address to unsubscribe at.")
    message = email.message_from_string(stored, policy=TRANSPORT)
    assert isinstance(message, EmailMessage)
    for header in ("From", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"):
        del message[header]
    mark = hashlib.sha256(f"{name} {recipient.lower()}".encode()).hexdigest()[:24]
    message["From"] = sender
    message["To"] = recipient
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mark}@{address.rpartition('@')[2]}>"
    message["List-Unsubscribe"] = f"<{leave}>"
    if leave.startswith("https:"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message
