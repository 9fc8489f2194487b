"""Webhooks: a signed POST to an address that is checked, by dialling what was checked.

What is sent: the delivery's JSON, with ``Idempotency-Key`` (the same in every attempt), ``Chipwire-Timestamp`` (seconds since
1970, of this attempt) and ``Chipwire-Signature``: ``v1=`` and the HMAC-SHA256, in hex, of timestamp, a full stop and the
body under the search's secret. Redirects are not followed. Any answer from 200 to 299 is a success.
"""

import hashlib
import hmac
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPMessage
from urllib.parse import urlsplit

from index.alerts.delivering import Outcome
from index.store.outbox import Delivery

TIMEOUT = 10.0
"""Seconds for connecting, and for each wait after that."""
MOST_READ = 1024
"""Bytes of an answer that are looked at."""
_GONE = 410


def refusal(url: str, loopback_ports: Sequence[int]) -> str | None:
    """Why a webhook's address is refused; None where it may be dialled, if its name turns out to be public."""
    from crawlers.netguard import refusal as refused  # imports Scrapy, which only deliveries need

    return refused(url, loopback_ports)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """What ``Chipwire-Signature`` says."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class WebhookCarrier:
    """An `index.alerts.delivering.Carrier`.

    Args:
        secret_of: the secret of a search by its id; None where the search is gone.
        loopback_ports: ports of this machine that may be dialled.
    """

    def __init__(
        self,
        secret_of: Callable[[int], str | None],
        clock: Callable[[], datetime],
        loopback_ports: Sequence[int] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._secret_of = secret_of
        self._clock = clock
        self._loopback_ports = loopback_ports
        self._tls = tls

    def __call__(self, delivery: Delivery, sending: Callable[[], None]) -> Outcome:
        secret = self._secret_of(delivery.search_id)
        if secret is None:
            return Outcome(False, "the saved search is gone", final=True)
        why = refusal(delivery.target, self._loopback_ports)
        if why is not None:
            return Outcome(False, f"refused: {why}", final=True)
        body = delivery.body.encode()
        moment = int(self._clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Chipwire",
            "Idempotency-Key": delivery.key,
            "Chipwire-Timestamp": str(moment),
            "Chipwire-Signature": signature(secret, moment, body),
        }
        try:
            return self._post(delivery.target, body, headers)
        except RefusedAddress as error:
            return Outcome(False, f"refused: {error}", final=True)
        except TimeoutError:
            return Outcome(False, f"no answer within {TIMEOUT:.0f} seconds")
        except ssl.SSLError as error:
            return Outcome(False, f"TLS failed: {error.reason or error}")
        except (OSError, HTTPException, ValueError) as error:
            return Outcome(False, f"not reached: {str(error)[:200] or type(error).__name__}")

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        host = (parts.hostname or "").removesuffix(".")
        port = parts.port or (443 if secure else 80)
        connection = CheckedConnection(host, port, self._tls or ssl.create_default_context() if secure else None)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read(MOST_READ)
            return _judged(answer.status, answer.headers, self._clock())
        finally:
            connection.close()


class RefusedAddress(Exception):
    """The name leads where nothing is sent."""


class CheckedConnection(HTTPConnection):
    """A connection to the address that a name was checked to have; with a context, over TLS under that name."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._tls = tls
        self.default_port = 443 if tls is not None else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((_address(self.host), self.port), TIMEOUT)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)


def _address(host: str) -> str:
    """The address to dial: this machine's for its own names (their ports were checked), else one that is public.

    Raises:
        RefusedAddress: it is not public. OSError: the name cannot be resolved.
    """
    from twisted.internet.error import DNSLookupError

    from crawlers.netguard import is_loopback_name, is_public, resolve_public

    if host == "::1":
        return host
    if is_loopback_name(host) or host == "127.0.0.1":
        return "127.0.0.1"
    if ":" in host:
        if not is_public(host):
            raise RefusedAddress(f"{host} is not a public address")
        return host
    try:
        return resolve_public(host if host.isascii() else host.encode("idna").decode("ascii"))
    except DNSLookupError as error:
        if "not public" in str(error):
            raise RefusedAddress(str(error)) from error
        raise OSError(str(error)) from error


def _judged(status: int, headers: HTTPMessage, now: datetime) -> Outcome:
    if 200 <= status < 300:
        return Outcome(True, f"answered {status}")
    if 300 <= status < 400:
        return Outcome(False, f"answered {status}: redirects are not followed")
    if status == _GONE:
        return Outcome(False, "answered 410: the receiver wants no more", final=True)
    return Outcome(False, f"answered {status}", wait=_wish(headers.get("Retry-After"), now))


def _wish(text: str | None, now: datetime) -> timedelta | None:
    """How long ``Retry-After`` asks to wait: seconds, or a date."""
    if not text:
        return None
    if text.strip().isascii() and text.strip().isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now, timedelta(0))
