"""The one error tree of Chipwire.

    ChipwireError                what a user may see: one line that says what is wrong and what to do
    ├── UsageError               the request itself is wrong; nothing was done
    │   ├── QueryError           the query text cannot be searched
    │   ├── BodyError            what was sent is not what is asked for
    │   ├── KeyUsed              an idempotency key came with another body before
    │   ├── FilterError          a filter or parameter has an unknown or unreadable value
    │   └── SettingsError        a CHIPWIRE_* setting or option is not usable
    ├── NotFound                 the named article, entity, story or week is not there
    ├── StoreError               the SQLite store refused
    │   ├── WriterBusy           another process holds the writer lock
    │   ├── SchemaTooNew         the data folder was written by a newer Chipwire
    │   ├── StoreFull            the disk is full; the last transaction was rolled back
    │   └── StoreCorrupt         SQLite reports a damaged file
    ├── IndexUnavailable         no index generation can be read
    ├── EncoderError             the embedding model cannot be loaded or run
    ├── ExtractionError          bytes that are not an article page
    ├── CatalogueError           a source, entity or lexicon file breaks its schema
    ├── UnreachableError         nothing could be fetched, or an address is refused
    └── ListenError              the server cannot listen where it was told to

Every driver's exceptions are translated once, in the module that owns the driver (sqlite3 in
``index.store.database``, faiss in ``index.retrieval.vectors``, and so on). ``api.errors`` maps each
class to an HTTP status and an exit code.
"""


class ChipwireError(Exception):
    """Base of everything that is shown to a user as one line.

    ``hint`` says what to do about it; ``code`` is the stable machine-readable name in problem documents.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class UsageError(ChipwireError):
    code = "usage"


class QueryError(UsageError):
    code = "query"


class FilterError(UsageError):
    code = "filter"


class BodyError(UsageError):
    code = "body"


class KeyUsed(UsageError):
    code = "idempotency"


class SettingsError(UsageError):
    code = "settings"


class NotFound(ChipwireError):
    code = "not-found"


class StoreError(ChipwireError):
    code = "store"


class WriterBusy(StoreError):
    code = "writer-busy"


class SchemaTooNew(StoreError):
    code = "schema-too-new"


class StoreFull(StoreError):
    code = "disk-full"


class StoreCorrupt(StoreError):
    code = "store-corrupt"


class IndexUnavailable(ChipwireError):
    code = "index-unavailable"


class EncoderError(ChipwireError):
    code = "encoder"


class ExtractionError(ChipwireError):
    code = "extraction"


class CatalogueError(ChipwireError):
    code = "catalogue"


class UnreachableError(ChipwireError):
    code = "unreachable"


class ListenError(ChipwireError):
    code = "listen"
