"""Configuration, built once from the environment, frozen, and passed down.

Nothing else reads the environment. Every setting is a ``CHIPWIRE_*`` variable; the command line's ``--home`` wins over
``CHIPWIRE_HOME``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from index.errors import SettingsError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. ``loopback_ports`` are the only non-public addresses a crawl may dial."""

    home: Path = Path("chipwire-data")
    model: str = ""
    """A sentence-transformers model: a name, a local folder, or ``none`` for lexical search only. Empty: the one that the
    data folder was switched to (``chipwire model use``), `DEFAULT_MODEL` where it never was."""
    query_prompt: str = ""
    document_prompt: str = ""
    multilingual: bool = False
    """True: the model reads Chinese itself, so the text is embedded instead of its gloss."""
    device: str = "auto"
    """``auto`` (a GPU where there is one), ``cpu`` or ``cuda``."""
    backend: str = "auto"
    """``auto`` (OpenVINO where the model and the processor allow, else PyTorch), ``openvino`` or ``torch``."""
    reranker: str = ""
    """A CrossEncoder that reorders the first results: a name or a local folder; none where empty."""
    threads: int = 0
    """Threads for the encoder and FAISS; 0 leaves the choice to the libraries."""
    contact: str = ""
    """An address that goes into the crawler's user agent, so that a site can reach whoever runs it."""
    poll_between: tuple[int, int] = (300, 86_400)
    """Seconds between which ``chipwire crawl --watch`` polls a source: the shortest interval and the longest."""
    host: str = "127.0.0.1"
    port: int = 8700
    newsroom_port: int = 8701
    timezone: str = "UTC"
    """The zone in which days and ISO weeks of digests begin."""
    loopback_ports: tuple[int, ...] = ()
    smtp_host: str = ""
    """The server that takes mails of alerts; none are sent where empty."""
    smtp_port: int = 0
    """0: 587 with ``starttls``, 465 with ``tls``, 25 with ``none``."""
    smtp_security: str = "starttls"
    """``starttls``, ``tls`` or ``none`` (for a server on this machine)."""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = "Chipwire <chipwire@localhost>"
    draft_every: str = ""
    """When ``serve`` and ``crawl --watch`` write the draft of the week that ended, such as ``Mon 07:00``; never where empty."""
    draft_to: str = ""
    """The address that such a draft is sent to as well; nobody's where empty."""
    summary_url: str = ""
    """An OpenAI-compatible endpoint (``https://host/v1``) that writes summaries when asked to; none where empty."""
    summary_model: str = ""
    summary_key: str = field(default="", repr=False)
    listmonk_url: str = ""
    """Where listmonk is, for ``chipwire digest push``; with the name and token of an API user, and the ids of its lists."""
    listmonk_user: str = ""
    listmonk_token: str = field(default="", repr=False)
    listmonk_lists: tuple[int, ...] = ()
    listmonk_template: int = 0
    """The id of listmonk's template around the issue; 0: its default."""
    ghost_url: str = ""
    """Where Ghost's administration is, with an Admin API key."""
    ghost_key: str = field(default="", repr=False)
    push_private: bool = False
    """True: listmonk and Ghost may have addresses that are not public, and be reached without TLS."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names, beside this machine's own, that the server answers for."""
    require_keys: bool = False
    """True: requests need an access key on a loopback address too."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose word on who asks is taken."""
    user_header: str = ""
    """The header in which a trusted proxy names the user who signed in; none where empty."""
    user_scope: str = "read"
    """What such users may do: ``read``, ``write`` or ``admin``."""
    rate_limit: tuple[int, int] = (0, 60)
    """Requests that each client may make in so many seconds; 0 requests: no limit."""
    concurrency: int = 64
    """Requests that are worked on at once; more are told to come again."""
    cors_origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may read the API."""
    access_log: bool = False
    """True: one line of JSON on stderr for each request."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], home: Path | None = None) -> "Settings":
        """Read the ``CHIPWIRE_*`` variables of ``environ``.

        Raises:
            SettingsError: an unreadable value, or a ``CHIPWIRE_`` name that no setting has (most likely a misprint).
        """
        readers: dict[str, tuple[str, Callable[[str], object]]] = {
            "HOME": ("home", Path),
            "MODEL": ("model", str),
            "QUERY_PROMPT": ("query_prompt", str),
            "DOCUMENT_PROMPT": ("document_prompt", str),
            "MULTILINGUAL": ("multilingual", _boolean),
            "DEVICE": ("device", _device),
            "BACKEND": ("backend", _backend),
            "RERANKER": ("reranker", str),
            "THREADS": ("threads", _thread_count),
            "CONTACT": ("contact", _one_line),
            "POLL_BETWEEN": ("poll_between", _span),
            "HOST": ("host", str),
            "PORT": ("port", _port),
            "NEWSROOM_PORT": ("newsroom_port", _port),
            "TIMEZONE": ("timezone", _zone_name),
            "LOOPBACK_PORTS": ("loopback_ports", _ports),
            "SMTP_HOST": ("smtp_host", _one_line),
            "SMTP_PORT": ("smtp_port", _port),
            "SMTP_SECURITY": ("smtp_security", _mail_security),
            "SMTP_USER": ("smtp_user", _one_line),
            "SMTP_PASSWORD": ("smtp_password", str),
            "SMTP_FROM": ("smtp_from", _one_line),
            "DRAFT_EVERY": ("draft_every", _one_line),
            "DRAFT_TO": ("draft_to", _one_line),
            "SUMMARY_URL": ("summary_url", _endpoint),
            "SUMMARY_MODEL": ("summary_model", _one_line),
            "SUMMARY_KEY": ("summary_key", _one_line),
            "LISTMONK_URL": ("listmonk_url", _endpoint),
            "LISTMONK_USER": ("listmonk_user", _one_line),
            "LISTMONK_TOKEN": ("listmonk_token", _one_line),
            "LISTMONK_LISTS": ("listmonk_lists", _numbers),
            "LISTMONK_TEMPLATE": ("listmonk_template", _number),
            "GHOST_URL": ("ghost_url", _endpoint),
            "GHOST_KEY": ("ghost_key", _one_line),
            "PUSH_PRIVATE": ("push_private", _boolean),
            "ALLOWED_HOSTS": ("allowed_hosts", _host_names),
            "REQUIRE_KEYS": ("require_keys", _boolean),
            "TRUSTED_PROXIES": ("trusted_proxies", _networks),
            "USER_HEADER": ("user_header", _header_name),
            "USER_SCOPE": ("user_scope", _scope),
            "RATE_LIMIT": ("rate_limit", _rate),
            "CONCURRENCY": ("concurrency", _request_count),
            "CORS_ORIGINS": ("cors_origins", _origins),
            "ACCESS_LOG": ("access_log", _boolean),
        }
        values: dict[str, object] = {}
        for name, text in environ.items():
            if not name.startswith("CHIPWIRE_"):
                continue
            short = name.removeprefix("CHIPWIRE_")
            if short not in readers:
                known = ", ".join(f"CHIPWIRE_{each}" for each in readers)
                raise SettingsError(f"{name} is not a setting.", hint=f"Settings are: {known}.")
            attribute, read = readers[short]
            try:
                values[attribute] = read(text)
            except ValueError as error:
                raise SettingsError(f"{name}={text!r}: {error}.") from None
        settings = cls(**values)  # type: ignore[arg-type]  # the table above pairs each field with its reader
        return replace(settings, home=home) if home is not None else settings


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected yes or no")


def _device(text: str) -> str:
    if text not in {"auto", "cpu", "cuda"}:
        raise ValueError("expected auto, cpu or cuda")
    return text


def _backend(text: str) -> str:
    if text not in {"auto", "openvino", "torch"}:
        raise ValueError("expected auto, openvino or torch")
    return text


def _bounded(text: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"expected a whole number from {low} to {high}") from None
    if not low <= number <= high:
        raise ValueError(f"expected a whole number from {low} to {high}")
    return number


def _port(text: str) -> int:
    return _bounded(text, 0, 65535)


def _thread_count(text: str) -> int:
    return _bounded(text, 0, 1024)


def _ports(text: str) -> tuple[int, ...]:
    return tuple(_bounded(part.strip(), 1, 65535) for part in text.split(",") if part.strip())


def _number(text: str) -> int:
    return _bounded(text, 0, 2**31 - 1)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_bounded(part, 1, 2**31 - 1) for part in _parts(text))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _host_names(text: str) -> tuple[str, ...]:
    names = tuple(part.lower() for part in _parts(text))
    if any(not re.fullmatch(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", name) for name in names):
        raise ValueError("expected host names without ports, such as chips.example.com,10.0.0.5")
    return names


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part, strict=False)) for part in _parts(text))
    except ValueError:
        raise ValueError("expected addresses or networks, such as 127.0.0.1,10.0.0.0/8") from None


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{0,100}", text):
        raise ValueError("expected the name of a header, such as X-Remote-User")
    return text.lower()


def _scope(text: str) -> str:
    if text not in {"read", "write", "admin"}:
        raise ValueError("expected read, write or admin")
    return text


def _rate(text: str) -> tuple[int, int]:
    requests, slash, seconds = text.partition("/")
    try:
        return _bounded(requests.strip(), 0, 1_000_000), _bounded(seconds.strip(), 1, 86_400) if slash else 60
    except ValueError:
        raise ValueError("expected requests and seconds, such as 600/60") from None


def _request_count(text: str) -> int:
    return _bounded(text, 1, 10_000)


def _origins(text: str) -> tuple[str, ...]:
    origins = _parts(text)
    if any(not re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", origin) for origin in origins):
        raise ValueError("expected origins, such as https://dashboard.example.com")
    return origins


def _span(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    try:
        bounds = _bounded(low.strip(), 1, 604_800), _bounded(high.strip(), 1, 604_800)
    except ValueError:
        bounds = (1, 0)
    if not dash or bounds[0] > bounds[1]:
        raise ValueError("expected seconds from and to, such as 300-86400")
    return bounds


def _endpoint(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ValueError("expected an address such as https://host/v1")
    return _one_line(text).rstrip("/")


def _mail_security(text: str) -> str:
    if text not in {"starttls", "tls", "none"}:
        raise ValueError("expected starttls, tls or none")
    return text


def _one_line(text: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise ValueError("expected one line without control characters")
    return text


def _zone_name(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as UTC, Asia/Shanghai or America/New_York") from None
    return text
