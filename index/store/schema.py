"""The schema, as migrations. A migration never calls live code and is never edited: add another one."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("chipwire")


@migrations()
def m001_articles(db: Database) -> None:
    """Articles with revisions, raw pages, mentions, and the change log that triggers fill in the same transaction."""
    for statement in (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "INSERT INTO meta VALUES ('database_id', lower(hex(randomblob(16))))",
        """CREATE TABLE article (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            url TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            text TEXT NOT NULL,
            lang TEXT NOT NULL,
            source TEXT NOT NULL,
            author TEXT,
            summary TEXT,
            published INTEGER,
            modified INTEGER,
            first_seen INTEGER NOT NULL,
            last_changed INTEGER NOT NULL,
            canonical_url TEXT,
            origin_name TEXT,
            origin_url TEXT,
            content_hash TEXT NOT NULL
        )""",
        "CREATE INDEX article_time ON article (coalesce(published, first_seen), id)",
        "CREATE INDEX article_source ON article (source)",
        "CREATE INDEX article_content ON article (content_hash)",
        """CREATE TABLE revision (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            title TEXT NOT NULL,
            text TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            replaced INTEGER NOT NULL
        )""",
        "CREATE INDEX revision_article ON revision (article_id)",
        """CREATE TABLE page (
            article_id INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE,
            html BLOB NOT NULL,
            fetched INTEGER NOT NULL
        )""",
        """CREATE TABLE mention (
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            field TEXT NOT NULL CHECK (field IN ('title', 'text')),
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            entity_id TEXT NOT NULL,
            surface TEXT NOT NULL,
            confidence REAL NOT NULL,
            PRIMARY KEY (article_id, field, start, entity_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX mention_entity ON mention (entity_id, article_id)",
        """CREATE TABLE change (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            article_id INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('upsert', 'delete'))
        )""",
        """CREATE TRIGGER article_inserted AFTER INSERT ON article BEGIN
            INSERT INTO change (article_id, kind) VALUES (new.id, 'upsert'); END""",
        """CREATE TRIGGER article_updated AFTER UPDATE ON article BEGIN
            INSERT INTO change (article_id, kind) VALUES (new.id, 'upsert'); END""",
        """CREATE TRIGGER article_deleted AFTER DELETE ON article BEGIN
            INSERT INTO change (article_id, kind) VALUES (old.id, 'delete'); END""",
    ):
        db.execute(statement)


@migrations()
def m002_passages(db: Database) -> None:
    """Passages as offsets into their article, and embeddings cached by the hash of what was embedded."""
    for statement in (
        """CREATE TABLE passage (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            embedded_hash TEXT NOT NULL,
            UNIQUE (article_id, ordinal)
        )""",
        "CREATE INDEX passage_hash ON passage (embedded_hash)",
        """CREATE TABLE embedding (
            hash TEXT NOT NULL,
            model TEXT NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (hash, model)
        )""",
    ):
        db.execute(statement)


@migrations()
def m003_stories(db: Database) -> None:
    """Stories: groups of articles on one event, each article with its part in it."""
    for statement in (
        "CREATE TABLE story (id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL)",
        """CREATE TABLE article_story (
            article_id INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE,
            story_id INTEGER NOT NULL REFERENCES story ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('original', 'independent', 'copy')),
            copy_of INTEGER REFERENCES article ON DELETE SET NULL
        )""",
        "CREATE INDEX article_story_story ON article_story (story_id)",
    ):
        db.execute(statement)


@migrations()
def m004_crawls(db: Database) -> None:
    """Sources as last crawled, and what each address answered, for conditional requests."""
    for statement in (
        """CREATE TABLE source (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            language TEXT NOT NULL,
            homepage TEXT,
            last_crawl INTEGER,
            last_success INTEGER,
            last_outcome TEXT,
            fetched INTEGER NOT NULL DEFAULT 0,
            new INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID""",
        """CREATE TABLE fetch (
            url TEXT PRIMARY KEY,
            etag TEXT,
            last_modified TEXT,
            status INTEGER NOT NULL,
            fetched INTEGER NOT NULL
        ) WITHOUT ROWID""",
    ):
        db.execute(statement)


@migrations()
def m005_wordings(db: Database) -> None:
    """What is embedded for a passage leaves the passage, so that two models can word it differently at one time."""
    for statement in (
        "DROP INDEX passage_hash",
        "DELETE FROM passage",
        "ALTER TABLE passage DROP COLUMN embedded_hash",
        """CREATE TABLE wording (
            passage_id INTEGER NOT NULL REFERENCES passage ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('gloss', 'text')),
            hash TEXT NOT NULL,
            PRIMARY KEY (passage_id, kind)
        ) WITHOUT ROWID""",
        "CREATE INDEX wording_hash ON wording (hash)",
        "DELETE FROM meta WHERE key IN ('recipe', 'prepared_sequence')",
    ):
        db.execute(statement)


@migrations()
def m006_crawling(db: Database) -> None:
    """What extraction finds beside the text; pages with headers; sources with health and schedule; what the gate left out."""
    for statement in (
        "ALTER TABLE article ADD COLUMN raw_url TEXT",
        "ALTER TABLE article ADD COLUMN url_key TEXT",
        "ALTER TABLE article ADD COLUMN date_source TEXT",
        "ALTER TABLE article ADD COLUMN date_note TEXT",
        "ALTER TABLE article ADD COLUMN image TEXT",
        "ALTER TABLE article ADD COLUMN section TEXT",
        "ALTER TABLE article ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE article ADD COLUMN captions TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE article ADD COLUMN origin_words TEXT",
        "ALTER TABLE page ADD COLUMN codec TEXT NOT NULL DEFAULT 'zlib' CHECK (codec IN ('zlib', 'zstd'))",
        "ALTER TABLE page ADD COLUMN headers TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE fetch ADD COLUMN note TEXT",
        "ALTER TABLE source ADD COLUMN country TEXT",
        "ALTER TABLE source ADD COLUMN first_crawl INTEGER",
        "ALTER TABLE source ADD COLUMN health TEXT",
        "ALTER TABLE source ADD COLUMN health_since INTEGER",
        "ALTER TABLE source ADD COLUMN health_note TEXT",
        "ALTER TABLE source ADD COLUMN failures INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE source ADD COLUMN interval INTEGER",
        "ALTER TABLE source ADD COLUMN next_due INTEGER",
        """CREATE TABLE source_choice (
            id TEXT PRIMARY KEY,
            entry TEXT,
            disabled INTEGER
        ) WITHOUT ROWID""",
        """CREATE TABLE health_change (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            state TEXT NOT NULL,
            before TEXT,
            note TEXT NOT NULL,
            moment INTEGER NOT NULL
        )""",
        """CREATE TABLE moved (
            url TEXT PRIMARY KEY,
            target TEXT NOT NULL,
            seen INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE left_out (
            url TEXT PRIMARY KEY,
            source TEXT NOT NULL,
            title TEXT NOT NULL,
            why TEXT NOT NULL,
            score REAL NOT NULL,
            seen INTEGER NOT NULL,
            published INTEGER
        ) WITHOUT ROWID""",
        "CREATE INDEX left_out_source ON left_out (source)",
        """CREATE TABLE backfilled (
            source TEXT NOT NULL,
            url TEXT NOT NULL,
            since INTEGER NOT NULL,
            done INTEGER NOT NULL,
            PRIMARY KEY (source, url)
        ) WITHOUT ROWID""",
        "CREATE INDEX article_url_key ON article (url_key)",
    ):
        db.execute(statement)


@migrations()
def m007_decisions(db: Database) -> None:
    """What people decided about what was read: kept apart from it, so that reading again changes nothing of it."""
    for statement in (
        """CREATE TABLE decision (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL,
            note TEXT,
            made INTEGER NOT NULL,
            undone INTEGER
        )""",
        "CREATE INDEX decision_kind ON decision (kind, subject) WHERE undone IS NULL",
    ):
        db.execute(statement)


@migrations()
def m008_arrivals(db: Database) -> None:
    """How many pages of a source in a row could not be read; what comes of a source, by time."""
    for statement in (
        "ALTER TABLE source ADD COLUMN unread INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX article_arrival ON article (source, coalesce(published, first_seen))",
        "CREATE INDEX left_out_arrival ON left_out (source, coalesce(published, seen))",
    ):
        db.execute(statement)


@migrations()
def m009_entities(db: Database) -> None:
    """Ambiguous names to look at, how much articles are about what they name, and names that the catalogue may lack."""
    for statement in (
        """CREATE TABLE doubt (
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            field TEXT NOT NULL CHECK (field IN ('title', 'text')),
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            entity_id TEXT NOT NULL,
            surface TEXT NOT NULL,
            confidence REAL NOT NULL,
            linked INTEGER NOT NULL,
            PRIMARY KEY (article_id, field, start, entity_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX doubt_entity ON doubt (entity_id)",
        """CREATE TABLE salience (
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            entity_id TEXT NOT NULL,
            mentions INTEGER NOT NULL,
            salience REAL NOT NULL,
            PRIMARY KEY (article_id, entity_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX salience_entity ON salience (entity_id, salience)",
        """CREATE TABLE new_name (
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            name_key TEXT NOT NULL,
            name TEXT NOT NULL,
            sentence TEXT NOT NULL,
            kind TEXT NOT NULL,
            maker TEXT,
            PRIMARY KEY (article_id, name_key)
        ) WITHOUT ROWID""",
        "CREATE INDEX new_name_key ON new_name (name_key)",
        "DELETE FROM meta WHERE key = 'linked_with'",
    ):
        db.execute(statement)


@migrations()
def m010_claims(db: Database) -> None:
    """The ledger: what was claimed, in which sentence of which article, and by which rules each article was read."""
    for statement in (
        """CREATE TABLE claim (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            article_id INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
            key TEXT NOT NULL,
            entity_id TEXT NOT NULL,
            attribute TEXT NOT NULL,
            field TEXT NOT NULL CHECK (field IN ('title', 'text')),
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            written TEXT NOT NULL,
            low REAL,
            high REAL,
            unit TEXT NOT NULL,
            value_entity TEXT,
            value_text TEXT,
            when_first TEXT,
            when_last TEXT,
            when_grain TEXT,
            qualifier TEXT,
            status TEXT NOT NULL,
            expected INTEGER NOT NULL,
            cited TEXT NOT NULL,
            compared TEXT,
            scope TEXT NOT NULL,
            event_first TEXT,
            event_last TEXT,
            event_grain TEXT,
            decision_id INTEGER REFERENCES decision ON DELETE SET NULL
        )""",
        "CREATE INDEX claim_article ON claim (article_id)",
        "CREATE INDEX claim_entity ON claim (entity_id, attribute)",
        "CREATE INDEX claim_key ON claim (key)",
        """CREATE TABLE claim_party (
            entity_id TEXT NOT NULL,
            claim_id INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('subject', 'value', 'compared', 'object', 'cited', 'involved')),
            PRIMARY KEY (entity_id, claim_id, role)
        ) WITHOUT ROWID""",
        "CREATE INDEX claim_party_claim ON claim_party (claim_id)",
        """CREATE TABLE claim_reading (
            article_id INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE,
            rules TEXT NOT NULL
        )""",
        "CREATE INDEX claim_reading_rules ON claim_reading (rules)",
    ):
        db.execute(statement)


@migrations()
def m011_stories(db: Database) -> None:
    """What stories are told apart by, where the id of a merged story leads, and what was merged and split."""
    for statement in (
        """CREATE TABLE article_sketch (
            article_id INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE,
            version TEXT NOT NULL,
            body BLOB NOT NULL
        )""",
        "CREATE TABLE story_redirect (story_id INTEGER PRIMARY KEY, target INTEGER NOT NULL)",
        """CREATE TABLE story_change (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            moment INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('merged', 'split')),
            story_id INTEGER NOT NULL,
            other_id INTEGER NOT NULL,
            articles INTEGER NOT NULL
        )""",
        "CREATE INDEX story_change_story ON story_change (story_id)",
        "CREATE INDEX story_change_other ON story_change (other_id)",
    ):
        db.execute(statement)
