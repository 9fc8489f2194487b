"""A crawl that is killed at any moment: what was acknowledged is there, nothing is there twice, the next run goes on."""

import random
import time
from collections import Counter
from pathlib import Path

from index.store.changes import changes_since
from index.store.database import Store
from index.store.pages import count_pages
from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import environment, run, stored, write_source
from tests.crawlers.warm import WarmCommands, kill, running

KILLS, PAGES, AT_ONCE = 32, 150, 4


def test_thirty_two_kills_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(4)
    Store.open_writer(home).close()
    with LocalSite() as site:
        site.pages["/feed"] = Reply(rss(site, list(range(PAGES))), headers={"ETag": '"1"'})
        site.pages |= {f"/a/{n}": html_page(n) for n in range(PAGES)}
        sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
        known: set[str] = set()
        killed = 0
        with WarmCommands(environment(site)) as commands:
            while killed < KILLS:
                asked = len(site.asked)
                process = commands.start("--home", str(home), "crawl", "--sources", str(sources))
                # From before the first request until the index is being written.
                target, end = asked + chance.randint(1, 9), time.monotonic() + chance.uniform(0.2, 5.0)
                while len(site.asked) < target and time.monotonic() < end and running(process):
                    time.sleep(0.002)
                time.sleep(chance.uniform(0, 0.05))
                killed += kill(process)
                now = {article.url for article in stored(home)}
                assert now >= known, "what was there is there"
                known = now
        assert known, "no kill came after something was stored"
        last = run(home, site, "crawl", "--sources", str(sources))
        assert last.returncode == 0, last.stderr
        articles = stored(home)
        assert {article.url for article in articles} == {f"{site.address}/a/{n}" for n in range(PAGES)}
        assert len(articles) == PAGES, "nothing is there twice"
        fetched = Counter(path for path in site.paths(200) if path.startswith("/a/"))
        assert sum(fetched.values()) <= PAGES + KILLS * AT_ONCE, "what was stored was not fetched again"
        with Store.open_reader(home) as store:
            assert count_pages(store) == PAGES
            assert len(changes_since(store, 0)) == PAGES
        assert run(home, site, "crawl", "--sources", str(sources)).stderr.count("nothing changed") == 1
        found = run(home, site, "search", "--lexical", "--json", "-k", "1", "accelerator volume production")
        assert f'"total": {PAGES}' in found.stdout
