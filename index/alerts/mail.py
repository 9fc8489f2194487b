"""An alert as a mail: plain text with an HTML part beside it. What was crawled is text in both, never a header or markup."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from index.alerts.documents import why_line
from index.text.address import is_web_address

_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SHOWN = 300
"""Characters of a snippet."""
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:16px}"
    "main{max-width:40em}h1{font-size:20px}h2{font-size:17px;margin:0 0 4px}section{padding:14px 0;border-top:1px solid #8886}"
    "p{margin:0 0 6px}.quiet{font-size:14px;opacity:.75}"
)


def alert_mail(body: Mapping[str, Any], key: str, sender: str, to: str, now: datetime) -> EmailMessage:
    """The mail of a delivery's document `body`. Its id is made from the delivery's key: every attempt has the same."""
    search, alerts = body["search"], body["alerts"]
    count = len(alerts)
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    first = alerts[0]["title"] or alerts[0]["snippet"] if alerts else ""
    more = f" and {count - 1} more" if count > 1 else ""
    what = "test" if body["type"] == "test" else f"{first}{more}"
    message["Subject"] = one_line(f"[{search['name']}] {what}")[:200]
    message["From"] = one_line(sender)
    message["To"] = one_line(to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<alert-{re.sub(r'[^0-9A-Za-z]+', '-', key)}@chipwire.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = f"<search-{search['id']}.chipwire.invalid>"
    message["List-Unsubscribe"] = f"<mailto:{parseaddr(one_line(sender))[1]}?subject=unsubscribe%20search%20{search['id']}>"
    message.set_content(_plain(body), cte="base64")
    message.add_alternative(_page(body), subtype="html", cte="base64")
    return message


def one_line(text: str) -> str:
    """One line for a header: nothing that was crawled can add another."""
    return _UNSAFE.sub(" ", "".join(char if not 0xD800 <= ord(char) <= 0xDFFF else "\ufffd" for char in text)).strip()


def _about(alert: Mapping[str, Any]) -> str:
    day = (alert["published"] or alert["first_seen"] or "")[:10]
    others = alert["others"]
    more = f" · {others} more on this story" if others else ""
    return f"{alert['source_name']} · {day} · {alert['lang']}{more}"


def _snippet(alert: Mapping[str, Any]) -> str:
    text = " ".join(alert["snippet"].split())
    return text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + "…"


def _opening(body: Mapping[str, Any]) -> str:
    kind = "A test of" if body["type"] == "test" else "New for"
    return f"{kind} your saved search “{body['search']['name']}” ({body['search']['query']})"


def _plain(body: Mapping[str, Any]) -> str:
    lines = [_opening(body), ""]
    for alert in body["alerts"]:
        lines += [f"* {' '.join((alert['title'] or alert['url']).split())}", f"  {_about(alert)}", f"  {_snippet(alert)}"]
        lines += [f"  Why: {why_line(alert)}", *([f"  {alert['url']}"] if is_web_address(alert["url"]) else []), ""]
    if not body["alerts"]:
        lines.append("Nothing that is stored answers it yet.")
    return _clean("\n".join(lines).rstrip() + "\n")


def _page(body: Mapping[str, Any]) -> str:
    escape = html.escape
    parts = [f"<h1>{escape(_opening(body))}</h1>"]
    for alert in body["alerts"]:
        title = escape(alert["title"] or alert["url"])
        linked = f'<a href="{escape(alert["url"])}">{title}</a>' if is_web_address(alert["url"]) else title
        parts.append(
            f'<section><h2>{linked}</h2><p class="quiet">{escape(_about(alert))}</p><p>{escape(_snippet(alert))}</p>'
            f'<p class="quiet">Why: {escape(why_line(alert))}</p></section>'
        )
    if not body["alerts"]:
        parts.append("<p>Nothing that is stored answers it yet.</p>")
    head = f'<meta charset="utf-8"><meta name="color-scheme" content="light dark"><style>{_STYLE}</style>'
    return _clean(f"<!doctype html><html><head>{head}</head><body><main>{''.join(parts)}</main></body></html>\n")


def _clean(text: str) -> str:
    return "".join(char if char == "\n" or (char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF) else " " for char in text)
