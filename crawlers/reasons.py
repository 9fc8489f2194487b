"""Why a request got no answer, in a few words that a person can act on."""

from scrapy.exceptions import IgnoreRequest

from index.errors import ChipwireError

TOO_LARGE, NO_END = "its answer is too large", "its redirects come to no end"
HEAD_TOO_LARGE, NOT_HTTP = "its answer's headers are too large", "its answer is not HTTP"
TOO_MANY_PIECES = "its answer comes in too many small pieces"
UNREADABLE = "unreadable: "
"""What an `IgnoreRequest` begins with whose answer can never be read."""
_IGNORED = (("DOWNLOAD_MAXSIZE", TOO_LARGE), ("max redirections", NO_END))
"""What Scrapy's middlewares say, and what we say for it."""
_WITHIN = (
    # part of a failure that Twisted wraps in others
    ("HeadTooLarge", HEAD_TOO_LARGE),
    ("TooManyPieces", TOO_MANY_PIECES),
    ("ParseError", NOT_HTTP),
    ("ConnectionDone", "it closed the connection before it answered"),
    ("ConnectionLost", "it closed the connection before it answered"),
)
_WORDS = (
    # part of the exception's name, words; the first match counts
    ("ResolutionError", "its name cannot be resolved (is there a network?)"),
    ("DNSLookup", "its name cannot be resolved (is there a network?)"),
    ("CannotResolve", "its name cannot be resolved (is there a network?)"),
    ("Refused", "it refused the connection"),
    ("Timeout", "it did not answer in time"),
    ("TimedOut", "it did not answer in time"),
    ("DownloadCancelled", TOO_LARGE),
    ("Connect", "it could not be reached"),
)


def reason(error: BaseException) -> str:
    """One line for an exception of Scrapy's or Twisted's."""
    if isinstance(error, IgnoreRequest):
        words = str(error)
        return next((ours for part, ours in _IGNORED if part in words), words).removeprefix(UNREADABLE) or "refused"
    name, detail = type(error).__name__, str(error)
    if isinstance(error.__cause__, Exception):
        detail += f" {error.__cause__}"
    for part, words in _WITHIN:
        if part in detail:
            return words
    if "not public" in detail:
        return detail.splitlines()[0][:200]
    for part, words in _WORDS:
        if part in name:
            return words
    return f"{name}: {detail.splitlines()[0][:200]}" if detail else name


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error of several tasks that a user should see: one of ours, where there is one among them."""
    ours, _ = group.split(ChipwireError)
    found: BaseException = ours or group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
