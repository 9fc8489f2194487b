"""End to end: the demo as a newcomer starts it, asked over HTTP and looked at in a browser.

One demo runs for all tests here: it crawls the whole newsroom into an empty home with the real model.
"""

import contextlib
import io
import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawlers.newsroom.catalogue import load_newsroom
from tests.conftest import clean_environment

README = Path(__file__).parent.parent / "README.md"
pytestmark = pytest.mark.model


@dataclass
class Demo:
    home: Path
    port: int
    process: subprocess.Popen[str]
    environment: dict[str, str]

    def get(self, path: str, **params: str) -> Any:
        query = "?" + urllib.parse.urlencode(params) if params else ""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}{query}", timeout=60) as answer:
            body = answer.read().decode()
        return json.loads(body) if path.startswith("/api/") else body


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def start(home: Path, port: int, newsroom: int) -> Demo:
    environment = clean_environment(CHIPWIRE_HOME=str(home), CHIPWIRE_NEWSROOM_PORT=str(newsroom))
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "api", "demo", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    return Demo(home, port, process, environment)


def wait_until_ready(demo: Demo, seconds: float) -> str:
    """The lines that the demo prints when it is ready."""
    assert demo.process.stdout is not None
    deadline = time.monotonic() + seconds
    lines: list[str] = []
    while time.monotonic() < deadline:
        line = demo.process.stdout.readline()
        if not line:
            break
        lines.append(line)
        if "digests/2023-W46" in line:
            return "".join(lines)
    demo.process.kill()
    raise AssertionError(f"not ready: {''.join(lines)} {demo.process.stderr.read() if demo.process.stderr else ''}")


def stop(demo: Demo) -> tuple[int, str]:
    demo.process.send_signal(signal.SIGINT)
    _, errors = demo.process.communicate(timeout=30)
    return demo.process.returncode, errors


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    port, newsroom = free_ports(2)
    demo = start(tmp_path_factory.mktemp("demo") / "home", port, newsroom)
    try:
        banner = wait_until_ready(demo, 240)
        assert f"http://localhost:{port}" in banner
        assert banner.count("\n") >= 5, "an address and three things to try"
        yield demo
    finally:
        if demo.process.poll() is None:
            stop(demo)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("there is no Chromium with its driver on this machine: the browser tests are left out")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update", "--window-size=1280,1200"):  # fmt: skip
        options.add_argument(flag)
    options.binary_location = str(shutil.which("chromium"))
    driver = webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver"))))
    try:
        yield driver
    finally:
        driver.quit()


def test_the_api_finds_an_english_and_a_chinese_article(demo: Demo) -> None:
    hits = demo.get("/api/v1/search", q="microsoft custom chip", group="none", k="10")["hits"]
    assert {"en", "zh"} <= {hit["lang"] for hit in hits}
    assert "雅典娜" in hits[0]["title"] + hits[1]["title"] or "Athena" in hits[0]["title"] + hits[1]["title"]


def test_a_chinese_question_on_renting_finds_the_english_price(demo: Demo) -> None:
    hits = demo.get("/api/v1/search", q="英伟达 租赁 DGX 价格", group="none", lang="en")["hits"]
    assert hits[0]["title"] == "DGX Cloud: renting an AI supercomputer starts at $36,999 a month"


def test_an_identifier_is_exact_with_the_real_model_too(demo: Demo) -> None:
    # Beside the v5p, an article may call the TPU v5e just v5e.
    for chip, written, other in (("H800", "h800", "H100"), ("MI300X", "mi300x", "MI300A"), ("TPU v5e", "v5e", "TPU v5p")):
        for hit in demo.get("/api/v1/search", q=chip, group="none", k="50")["hits"]:
            article = demo.get(f"/api/v1/articles/{hit['article_id']}")
            assert written in (article["title"] + article["text"]).lower(), (chip, other)


def test_what_the_newsroom_never_wrote_about_returns_nothing(demo: Demo) -> None:
    for question in ("best sourdough starter recipe", "如何种植番茄", "football transfer rumours this summer"):
        assert demo.get("/api/v1/search", q=question)["total"] == 0, question


def test_independent_coverage_in_two_languages_is_one_story_with_its_copies(demo: Demo) -> None:
    stories = demo.get("/api/v1/stories", week="2023-W46")["stories"]
    h200 = max((story for story in stories if "H200" in story["headline"]), key=lambda story: len(story["articles"]))
    roles = {(a["source"], a["role"]) for a in h200["articles"]}
    assert {("hyperscale-review", "copy"), ("huiwen-zhuanzai", "copy")} <= roles
    assert h200["origins"] >= 3
    assert {"en", "zh"} == {a["lang"] for a in h200["articles"]}


def test_the_stories_are_those_that_the_articles_labels_name(demo: Demo) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "api", "stories", "--all", "--json"],
        capture_output=True, text=True, env=demo.environment, timeout=60,
    )  # fmt: skip
    found = {
        (article["source"], article["title"]): story["id"]
        for story in json.loads(answer.stdout)["stories"]
        for article in story["articles"]
    }
    labels = {(item.outlet.id, item.title): item.story for item in load_newsroom().items}
    precision = recall = 0.0
    for key, label in labels.items():
        together = {other for other in labels if found[other] == found[key]}
        belong = {other for other in labels if labels[other] == label}
        precision += len(together & belong) / len(together) / len(labels)
        recall += len(together & belong) / len(belong) / len(labels)
    f1 = 2 * precision * recall / (precision + recall)
    assert f1 >= 0.97, f"B-cubed precision {precision:.3f}, recall {recall:.3f}"


def test_the_rendered_pages_show_both_languages_and_raise_no_error(demo: Demo, browser: Any) -> None:
    base = f"http://localhost:{demo.port}"
    browser.get(f"{base}/")
    box = browser.find_element("css selector", "#q")
    box.send_keys("microsoft custom chip")
    box.submit()
    titles = [element.text for element in browser.find_elements("css selector", ".hit h2")]
    assert any("微软" in title for title in titles)
    assert browser.find_elements("css selector", "mark")
    browser.get(f"{base}/search?" + urllib.parse.urlencode({"q": "英伟达 租赁 DGX 价格", "lang": "en"}))
    assert "DGX Cloud" in browser.find_element("css selector", ".hit h2").text
    browser.find_element("css selector", ".hit h2 a").click()
    assert "36,999" in browser.find_element("css selector", ".text").text
    for path in ("/", "/digests/2023-W46", "/entities/nvidia", "/entities", "/sources", "/docs"):
        browser.get(base + path)
        assert browser.find_element("css selector", "h1").text
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def wait_for(browser: Any, script: str, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not browser.execute_script(f"return {script}"):
        assert time.monotonic() < until, script
        time.sleep(0.05)


def test_results_come_while_one_types_and_back_leads_to_where_one_was(demo: Demo, browser: Any) -> None:
    base = f"http://localhost:{demo.port}"
    browser.get(f"{base}/digests")
    browser.find_element("css selector", "#q").send_keys("maia 100")
    wait_for(browser, "document.querySelectorAll('.hit').length > 0 && location.search.includes('maia')")
    assert browser.execute_script("return document.activeElement.id") == "q", "the reader types on"
    assert "maia" in browser.title
    browser.back()
    wait_for(browser, "location.pathname === '/digests'")


def test_the_keyboard_leads_from_a_search_to_a_claim(demo: Demo, browser: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys: str) -> None:
        ActionChains(browser).send_keys(*keys).perform()

    base = f"http://localhost:{demo.port}"
    browser.get(base)
    press("/")
    press("h200", Keys.ENTER)
    wait_for(browser, "location.pathname === '/search' && document.querySelectorAll('.hit').length > 1")
    browser.execute_script("document.activeElement.blur()")
    press("j")
    first = browser.execute_script("return document.activeElement.href")
    press("j")
    assert browser.execute_script("return document.activeElement.href") != first
    press("k")
    assert browser.execute_script("return document.activeElement.href") == first
    press("o")
    wait_for(browser, "location.pathname.startsWith('/articles/')")
    claim = browser.find_element("css selector", ".said-here a[href*='said=']")
    claim.send_keys(Keys.ENTER)
    wait_for(browser, "document.querySelector('mark#said') !== null")
    press("?")
    assert browser.execute_script("return document.querySelector('#keys').open")
    press(Keys.ESCAPE)
    wait_for(browser, "!document.querySelector('#keys').open")
    press("g", "s")  # one after the other within a second, on a busy machine too
    wait_for(browser, "location.pathname === '/sources'")


def test_without_javascript_one_gets_from_a_search_to_a_story_and_a_claim(demo: Demo, browser: Any) -> None:
    base = f"http://localhost:{demo.port}"
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{base}/search?q=h200")
        browser.get(browser.find_element("css selector", ".hit details a[href^='/stories/']").get_attribute("href"))
        assert browser.find_elements("css selector", ".telling li.original")
        browser.get(browser.find_element("css selector", ".telling h3 a").get_attribute("href"))
        browser.get(browser.find_element("css selector", ".said-here a[href*='said=']").get_attribute("href"))
        assert browser.find_elements("css selector", "mark#said")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_no_page_scrolls_sideways_on_a_phone(demo: Demo, browser: Any) -> None:
    try:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
        )
        for path in (
            "/",
            "/search?q=nvidia",
            "/articles/1",
            "/stories/1",
            "/entities/nvidia/claims",
            "/entities/nvidia/timeline",
            "/status",
            "/compare?entity=nvidia-h100&entity=nvidia-h200",
            "/searches",
            "/digests/2023-W46/edit",
            "/digests/2023-W46",
            "/entities/nvidia",
            "/entities",
            "/sources",
            "/docs",
        ):
            browser.get(f"http://localhost:{demo.port}{path}")
            assert browser.execute_script("return document.documentElement.scrollWidth") <= 360, path
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def commands() -> list[tuple[str, list[str]]]:
    """The commands of the README's console blocks with the output that it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
    return [pair for pair in found if pair[0].startswith("chipwire ")]


@pytest.mark.parametrize(("command", "shown"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_readmes_commands_print_what_it_shows(demo: Demo, command: str, shown: list[str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "api", *shlex.split(command)[1:]],
        capture_output=True, text=True, env=demo.environment, timeout=120, cwd=README.parent,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr

    def steady(text: str) -> str:
        text = re.sub(r"localhost:\d+", "localhost:PORT", text)
        return re.sub(r"\d+(?:\.\d+)? ms|0\.\d{3}", "N", text).strip()

    printed = [steady(line) for line in answer.stdout.splitlines()]
    for line in shown:
        if line.strip() and "…" not in line:
            assert steady(line) in printed, f"{command} no longer prints: {line}"


def test_the_notebook_prints_what_it_shows(demo: Demo) -> None:
    notebook = json.loads((README.parent / "docs" / "chipwire.ipynb").read_text(encoding="utf-8"))
    scope: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"]).replace("localhost:8700", f"localhost:{demo.port}")
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(source, cell["id"], "exec"), scope)
            assert printed.getvalue() == "".join("".join(output["text"]) for output in cell["outputs"]), cell["id"]


def test_ctrl_c_stops_it_cleanly_and_a_second_start_is_ready_at_once(demo: Demo) -> None:
    busy = subprocess.run(
        [sys.executable, "-m", "api", "demo", "--port", str(demo.port)],
        capture_output=True,
        text=True,
        env=demo.environment,
        timeout=60,
    )
    assert (busy.returncode, busy.stderr.count("\n")) == (1, 1)
    assert f"Port {demo.port} is taken" in busy.stderr
    code, errors = stop(demo)
    assert (code, errors.strip().splitlines()[-1]) == (0, "Stopped.")
    assert "Traceback" not in errors
    again = start(demo.home, demo.port, int(demo.environment["CHIPWIRE_NEWSROOM_PORT"]))
    began = time.monotonic()
    wait_until_ready(again, 60)
    took = time.monotonic() - began
    code, errors = stop(again)
    assert code == 0
    assert "Crawling" not in errors, "what is there is reused"
    assert took < 30, "far below a first start; the figure itself is in docs/measurements.md"
