"""Crawls in a process of their own, because a reactor runs only once in a process."""

import json
import subprocess
import sys
from pathlib import Path

from index.store.articles import StoredArticle, latest_articles
from index.store.database import Store
from index.store.sources import SourceRecord, all_sources
from tests.conftest import clean_environment
from tests.crawlers.local_site import LocalSite

TIMEOUT = 120


def write_source(path: Path, **values: object) -> Path:
    """A file of one source; given values replace or join the usual ones."""
    given: dict[str, object] = {"id": "site", "name": "Site", "kind": "press", "language": "en", "delay": 0, **values}
    lines = [f"{key} = {json.dumps(value)}" for key, value in given.items()]
    with path.open("a", encoding="utf-8") as file:
        file.write("[[source]]\n" + "\n".join(lines) + "\n")
    return path


def command(home: Path, site: LocalSite, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "api", "--home", str(home), *arguments]


def environment(*sites: LocalSite) -> dict[str, str]:
    return clean_environment(CHIPWIRE_MODEL="none", CHIPWIRE_LOOPBACK_PORTS=",".join(str(site.port) for site in sites))


def run(home: Path, site: LocalSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command, which may dial `site`."""
    return subprocess.run(
        command(home, site, *arguments), capture_output=True, text=True, timeout=TIMEOUT, env=environment(site), check=False
    )


def stored(home: Path) -> list[StoredArticle]:
    with Store.open_reader(home) as store:
        return latest_articles(store, 10_000)


def record(home: Path, source: str = "site") -> SourceRecord:
    with Store.open_reader(home) as store:
        return next(each for each in all_sources(store) if each.id == source)
