"""Pages whose text their scripts put there, read by a real Chromium that dials only what may be dialled."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.browser import browser_path
from tests.crawlers.local_site import PARAGRAPHS, LocalSite, Reply, html_page, rss
from tests.crawlers.running import environment, record, run, stored, write_source

ROOT = Path(__file__).parent.parent.parent
needs_browser = pytest.mark.skipif(browser_path() is None, reason="scrapy-playwright or Chromium is not installed")


def scripted(number: int, more: str = "") -> Reply:
    """A page that is empty until its script has run."""
    text = "".join(f"<p>{paragraph.format(number=number)}</p>" for paragraph in PARAGRAPHS)
    title = f"Accelerator number {number} enters volume production"
    script = f"document.getElementById('root').innerHTML = `<article><h1>{title}</h1>{text}</article>`; {more}"
    page = f"<html><head><title>{title}</title></head><body><div id=root></div><script>{script}</script></body></html>"
    return Reply(page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.pages["/feed"] = Reply(rss(site, [1]))
        site.pages["/a/1"] = scripted(1)
        yield site


@needs_browser
def test_a_page_is_read_after_its_scripts_ran_and_the_feed_is_fetched_without_a_browser(
    site: LocalSite, tmp_path: Path
) -> None:
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], javascript=True)
    answer = run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert answer.returncode == 0, answer.stderr
    [article] = stored(tmp_path / "home")
    assert "1 gigabytes of high-bandwidth memory" in article.text
    agents = {asked.path: asked.headers["User-Agent"] for asked in site.asked}
    assert all(agent.startswith("Chipwire/") for agent in agents.values()), agents
    assert sorted(path for path in agents if path != "/robots.txt") == ["/a/1", "/feed"]


@needs_browser
def test_a_pages_scripts_reach_nothing_on_this_machine_but_the_ports_that_are_allowed(site: LocalSite, tmp_path: Path) -> None:
    with LocalSite({"/secret": Reply(b"secret")}) as canary:
        places = [f"http://{host}:{canary.port}/secret" for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::1]")]
        reach = "".join(
            f"fetch('{place}', {{mode: 'no-cors'}}).catch(e => 0); "
            f"document.body.appendChild(Object.assign(document.createElement('iframe'), {{src: '{place}'}})); "
            f"navigator.sendBeacon('{place}', 'x'); "
            for place in places
        )
        site.pages["/a/1"] = scripted(1, reach)
        sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], javascript=True)
        run(tmp_path / "home", site, "crawl", "--sources", str(sources))
        assert len(stored(tmp_path / "home")) == 1, "the page itself is read"
        assert canary.asked == []
        with_leave = {**environment(site, canary)}
        site.pages["/feed"] = Reply(rss(site, [2]))
        site.pages["/a/2"] = scripted(2, reach)
        crawl = [sys.executable, "-m", "api", "--home", str(tmp_path / "other"), "crawl", "--sources", str(sources)]
        subprocess.run(crawl, env=with_leave, timeout=120, capture_output=True, check=True)
        assert canary.asked, "the canary does hear of it where its port is allowed"


HOSTILE = {
    "busy": "setTimeout(() => { while (true); }, 200)",
    "hoard": "const a = []; setInterval(() => { a.push(new Uint8Array(5e7).fill(1)); fetch('/x') }, 20)",
    "grow": "setTimeout(() => { for (let i = 0; i < 30; i++) document.body.append('x'.repeat(1e6)) }, 200)",
    "lie": "Object.defineProperty(Element.prototype, 'outerHTML', { get: () => 'a lie' })",
    "windows": "for (let i = 0; i < 20; i++) window.open('/x')",
    "leave": "setTimeout(() => { location = 'about:blank' }, 200)",
    "ask": "setInterval(() => alert(1), 10)",
}
"""Scripts that take a browser's time or memory, or want to be taken for something else."""
RENDERING_SECONDS, MOST_MEMORY = 15, 1400


@needs_browser
def test_a_page_that_takes_a_browsers_time_or_memory_costs_that_page_only(site: LocalSite, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number, script in enumerate(HOSTILE.values(), 10):
        site.pages[f"/a/{number}"] = html_page(number, f"<script>{script}</script>")
    for number in (1, 2, 3):
        site.pages[f"/a/{number}"] = scripted(number)
    site.pages["/x"] = Reply(b"x")
    site.pages["/feed"] = Reply(rss(site, [1, *range(10, 10 + len(HOSTILE)), 2, 3]))
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], javascript=True)
    arguments = ["--home", str(home), "crawl", "--no-refresh", "--sources", str(sources)]
    impatient = [sys.executable, "-m", "tests.crawlers.impatient", str(RENDERING_SECONDS), *arguments]
    process = subprocess.Popen(impatient, env=environment(site), stderr=subprocess.DEVNULL, cwd=ROOT)
    memory, end = 0, time.monotonic() + 150
    while process.poll() is None and time.monotonic() < end:
        memory = max(memory, *(memory_of(each) for each in descendants(process.pid)), 0)
        time.sleep(0.1)
    process.kill()
    assert process.wait() == 0, "it came to an end by itself"
    found = {article.title: article.text for article in stored(home)}
    good = [f"Accelerator number {number} enters volume production" for number in (1, 2, 3)]
    assert [title for title in good if title in found] == good
    lying = 10 + list(HOSTILE).index("lie")
    assert f"{lying} gigabytes of high-bandwidth memory" in found[f"Accelerator number {lying} enters volume production"]
    assert not {10 + list(HOSTILE).index(name) for name in ("busy", "grow", "leave")} & {
        int(title.split()[2]) for title in found
    }
    assert memory < MOST_MEMORY


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that these did."""
    try:
        own = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return own + [each for child in own for each in descendants(child)]


def memory_of(pid: int) -> int:
    """Megabytes that a process has in memory."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    except (OSError, IndexError):
        return 0


@needs_browser
def test_robots_txt_holds_for_a_browser_too(site: LocalSite, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /a/")
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], javascript=True)
    answer = run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert "robots.txt forbids it" in answer.stderr
    assert "/a/1" not in site.paths()


def test_without_a_browser_the_source_says_what_it_needs(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], javascript=True)
    home = tmp_path / "home"
    # An empty PATH has no Chromium in it.
    answer = subprocess.run(
        [sys.executable, "-m", "api", "--home", str(home), "crawl", "--sources", str(sources)],
        env={**environment(site), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert shutil.which("chromium", path=str(tmp_path)) is None
    assert "need a browser: pip install 'chipwire[browser]'" in answer.stderr
    assert "/a/1" not in site.paths()
    assert "need a browser" in (record(home).last_outcome or "")
