"""The schema, continued: what those who ask, edit and follow need. Migrations are applied in the order of both files."""

from sqlite_utils import Database

from index.store.schema import migrations

__all__ = ["migrations"]


@migrations()
def m012_keys(db: Database) -> None:
    """Keys to the API, known by their hashes; and what was answered to batches that carried an idempotency key."""
    for statement in (
        """CREATE TABLE access_key (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            start TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            scope TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER,
            last_used INTEGER,
            revoked INTEGER
        )""",
        """CREATE TABLE answered_batch (
            client TEXT NOT NULL,
            name TEXT NOT NULL,
            hash TEXT NOT NULL,
            answer TEXT NOT NULL,
            made INTEGER NOT NULL,
            PRIMARY KEY (client, name)
        ) WITHOUT ROWID""",
    ):
        db.execute(statement)


@migrations()
def m013_inbox(db: Database) -> None:
    """Articles that came while another process was writing."""
    db.execute(
        """CREATE TABLE inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            received INTEGER NOT NULL,
            count INTEGER NOT NULL,
            articles BLOB NOT NULL
        )"""
    )


@migrations()
def m014_issues(db: Database) -> None:
    """Issues of the digest: what an editor changes, its versions, what was published, and who was sent it."""
    for statement in (
        """CREATE TABLE issue (
            week TEXT PRIMARY KEY,
            edits TEXT NOT NULL,
            revision INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            holder TEXT,
            token TEXT,
            held_until INTEGER
        ) WITHOUT ROWID""",
        """CREATE TABLE issue_version (
            week TEXT NOT NULL REFERENCES issue,
            number INTEGER NOT NULL,
            made INTEGER NOT NULL,
            editor TEXT NOT NULL,
            note TEXT NOT NULL,
            edits TEXT NOT NULL,
            PRIMARY KEY (week, number)
        ) WITHOUT ROWID""",
        """CREATE TABLE published_issue (
            week TEXT NOT NULL,
            number INTEGER NOT NULL,
            made INTEGER NOT NULL,
            editor TEXT NOT NULL,
            note TEXT NOT NULL,
            title TEXT NOT NULL,
            summary TEXT NOT NULL,
            accepted TEXT NOT NULL,
            edits TEXT NOT NULL,
            PRIMARY KEY (week, number)
        )""",
        """CREATE TABLE published_document (
            week TEXT NOT NULL,
            number INTEGER NOT NULL,
            form TEXT NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (week, number, form),
            FOREIGN KEY (week, number) REFERENCES published_issue
        )""",
        """CREATE TRIGGER published_document_stays BEFORE UPDATE ON published_document
            BEGIN SELECT raise(ABORT, 'what was published never changes'); END""",
        """CREATE TRIGGER published_document_is_kept BEFORE DELETE ON published_document
            BEGIN SELECT raise(ABORT, 'what was published never changes'); END""",
        """CREATE TABLE sent_issue (
            week TEXT NOT NULL,
            number INTEGER NOT NULL,
            recipient TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('sending', 'sent', 'deferred', 'refused')),
            code INTEGER,
            answer TEXT NOT NULL,
            moment INTEGER NOT NULL,
            PRIMARY KEY (week, number, recipient),
            FOREIGN KEY (week, number) REFERENCES published_issue
        ) WITHOUT ROWID""",
    ):
        db.execute(statement)


@migrations()
def m015_saved_searches(db: Database) -> None:
    """Searches that wait for articles, the alerts they gave, and the outbox of what is to be delivered with its log."""
    for statement in (
        """CREATE TABLE saved_search (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            query TEXT NOT NULL,
            filters TEXT NOT NULL,
            new_claims INTEGER NOT NULL,
            webhook TEXT,
            secret TEXT,
            mail TEXT NOT NULL,
            mail_every TEXT NOT NULL CHECK (mail_every IN ('once', 'daily', 'weekly')),
            mailed_to INTEGER NOT NULL DEFAULT 0,
            alerts INTEGER NOT NULL DEFAULT 0,
            last_alert INTEGER,
            created INTEGER NOT NULL,
            trouble TEXT
        )""",
        """CREATE TABLE search_memory (
            search_id INTEGER PRIMARY KEY REFERENCES saved_search ON DELETE CASCADE,
            embedded TEXT NOT NULL,
            model TEXT NOT NULL,
            vector BLOB,
            best REAL,
            passages INTEGER NOT NULL
        )""",
        """CREATE TABLE alert (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            search_id INTEGER NOT NULL REFERENCES saved_search ON DELETE CASCADE,
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            made INTEGER NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (search_id, article_id)
        )""",
        "CREATE INDEX alert_article ON alert (article_id)",
        """CREATE TABLE delivery (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            search_id INTEGER NOT NULL REFERENCES saved_search ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('webhook', 'mail')),
            target TEXT NOT NULL,
            key TEXT NOT NULL UNIQUE,
            body TEXT NOT NULL,
            made INTEGER NOT NULL,
            due INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'sending', 'done', 'failed', 'doubtful')),
            until INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX delivery_due ON delivery (state, due)",
        "CREATE INDEX delivery_search ON delivery (search_id)",
        """CREATE TABLE delivery_attempt (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery_id INTEGER NOT NULL REFERENCES delivery ON DELETE CASCADE,
            moment INTEGER NOT NULL,
            success INTEGER NOT NULL,
            outcome TEXT NOT NULL
        )""",
        "CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id)",
        "INSERT OR REPLACE INTO meta SELECT 'alerted_to', coalesce(max(id), 0) FROM article",
    ):
        db.execute(statement)


@migrations()
def m016_judgements(db: Database) -> None:
    """What people decided while another process was writing; ``why`` says why it could not be carried out."""
    db.execute(
        """CREATE TABLE judgement (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            made INTEGER NOT NULL,
            what TEXT NOT NULL,
            why TEXT
        )"""
    )
