"""The editor as a browser without JavaScript has it, and with its script's one request."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.knowledge_base import KnowledgeBase
from tests.conftest import MAIA, NOW
from tests.index.digest.test_edits import FANS, OPTICS

WEEK = "2023-W46"
EDIT = f"/digests/{WEEK}/edit"
OWN = {"Sec-Fetch-Site": "same-origin"}


class Form(HTMLParser):
    """The fields of the editor's form with what a browser would send of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = dict(pairs)
        name = given.get("name") or ""
        if tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.fields[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
            self.fields[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            self.fields[self._select] = given["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


def fields(page: str) -> dict[str, str]:
    return Form(page[page.index('id="editor"') : page.rindex("</form>")]).fields


@pytest.fixture
def kb(filled: KnowledgeBase) -> KnowledgeBase:
    filled.ingest([FANS, OPTICS], NOW)
    filled.refresh(NOW)
    return filled


@pytest.fixture
def client(kb: KnowledgeBase) -> Iterator[TestClient]:
    with TestClient(create_app(kb.settings, kb), raise_server_exceptions=True, headers=OWN) as client:
        yield client


@pytest.fixture
def other(kb: KnowledgeBase) -> Iterator[TestClient]:
    with TestClient(create_app(kb.settings, kb), raise_server_exceptions=True, headers=OWN) as client:
        yield client


@pytest.fixture
def maia(kb: KnowledgeBase) -> int:
    return next(e.story_id for e in kb.digest(WEEK).entries if e.headline == MAIA.title)


def begin(client: TestClient, name: str = "Ada", do: str = "hold") -> str:
    page = client.post(EDIT, data={"do": do, "name": name})
    assert page.status_code == 200, page.text
    return page.text


def send(client: TestClient, page: str, do: str, **changes: str) -> str:
    answer = client.post(EDIT, data={**fields(page), "do": do, **changes})
    assert answer.status_code in (200, 400, 409), answer.text
    return answer.text


def test_who_wants_to_edit_says_their_name_first(client: TestClient) -> None:
    page = client.get(EDIT).text
    assert 'id="editor"' not in page
    assert client.post(EDIT, data={"do": "hold", "name": " "}).status_code == 400
    assert 'id="editor"' in begin(client)


def test_a_form_that_is_sent_unchanged_changes_nothing(client: TestClient, kb: KnowledgeBase) -> None:
    page = begin(client)
    send(client, page, "save")
    draft = kb.issues.draft(WEEK)
    assert draft.revision == 1
    assert draft.edits.entries == {}


def test_headline_summary_note_and_length_are_saved(client: TestClient, kb: KnowledgeBase, maia: int) -> None:
    changes = {
        f"headline-{maia}": "微软 <i>Maia</i>",
        f"note-{maia}": "Mine.",
        f"summary-{maia}": "One.\r\n\r\nTwo.",
        "length": "short",
    }
    page = send(client, begin(client), "save", **changes)
    assert "微软 &lt;i&gt;Maia&lt;/i&gt;" in page
    edits = kb.issues.draft(WEEK).edits
    assert (edits.of(maia).headline, edits.of(maia).note, edits.of(maia).summary) == (
        "微软 <i>Maia</i>",
        "Mine.",
        "One.\n\nTwo.",
    )
    assert edits.length == "short"
    again = fields(page)
    send(client, page, "save", **{f"headline-{maia}": again[f"was-headline-{maia}"]})
    assert kb.issues.draft(WEEK).edits.of(maia).headline is None, "as composed again"


def test_every_button_saves_what_was_typed(client: TestClient, kb: KnowledgeBase, maia: int) -> None:
    first, second, third = (e.story_id for e in kb.digest(WEEK).entries)
    page = send(client, begin(client), "save", **{f"section-{story}": "nvidia" for story in (first, second, third)})
    page = send(client, page, f"up:{third}", **{f"note-{maia}": "Typed before moving"})
    draft = kb.issues.draft(WEEK)
    assert [e.story_id for e in draft.digest.entries] == [first, third, second]
    assert draft.edits.of(maia).note == "Typed before moving"
    page = send(client, page, f"down:{third}")
    assert [e.story_id for e in kb.issues.draft(WEEK).digest.entries] == [first, second, third]


def test_a_story_is_dropped_and_put_back_merged_and_taken_apart(client: TestClient, kb: KnowledgeBase, maia: int) -> None:
    fans = next(e.story_id for e in kb.digest(WEEK).entries if e.headline == FANS.title)
    page = send(client, begin(client), "save", **{f"drop-{fans}": "on"})
    assert f'value="back:{fans}"' in page
    page = send(client, page, f"back:{fans}")
    page = send(client, page, "save", **{f"merge-{fans}": str(maia)})
    assert len(kb.issues.draft(WEEK).digest.entries) == 2
    assert f'value="apart:{fans}"' in page
    send(client, page, f"apart:{fans}")
    assert len(kb.issues.draft(WEEK).digest.entries) == 3


def test_what_no_source_has_is_shown_beside_it(client: TestClient, maia: int) -> None:
    page = send(client, begin(client), "save", **{f"summary-{maia}": "It has 900 cores."})
    assert re.search(
        r'class="doubts" id="doubts-\d+"[^>]*><p><strong>No source has:</strong> 900 <q>It has 900 cores.</q>', page
    )
    refused = send(client, page, "publish")
    assert "No source has: 900." in refused
    assert 'name="accept"' in refused


def test_the_script_saves_and_is_told_what_no_source_has(client: TestClient, kb: KnowledgeBase, maia: int) -> None:
    page = begin(client)
    data = {**fields(page), "do": "autosave", f"note-{maia}": "Sold by Samsung."}
    answer = client.post(EDIT, data=data)
    assert answer.json()["doubts"] == {str(maia): [{"sentence": "Sold by Samsung.", "missing": ["Samsung"]}]}
    assert kb.issues.draft(WEEK).edits.of(maia).note == "Sold by Samsung."


def test_the_second_editor_sees_who_holds_the_issue_and_takes_it_over(
    client: TestClient, other: TestClient, kb: KnowledgeBase, maia: int
) -> None:
    mine = send(client, begin(client, "Ada"), "save", **{f"note-{maia}": "Ada's"})
    theirs = begin(other, "Bob")
    assert "Ada is editing this issue" in theirs
    assert 'id="editor"' not in theirs
    assert 'id="editor"' in begin(other, "Bob", do="take")
    assert client.post(EDIT, data={**fields(mine), "do": "autosave"}).json() == {"holder": "Bob"}
    lost = client.post(EDIT, data={**fields(mine), "do": "save", f"note-{maia}": "Ada's last words"})
    assert lost.status_code == 409
    assert "Bob has taken over" in lost.text
    assert "Ada&#39;s last words" in lost.text, "nothing that was typed is lost"
    assert kb.issues.draft(WEEK).edits.of(maia).note == "Ada's"
    send(client, lost.text, "take")
    assert kb.issues.draft(WEEK).edits.of(maia).note == "Ada's last words"
    assert {version.editor for version in kb.issues.versions(WEEK)} == {"Ada", "Bob"} - {"Bob"} or len(
        kb.issues.versions(WEEK)
    ) >= 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {},
    ],
)  # fmt: skip
def test_a_form_of_another_sites_page_does_nothing(kb: KnowledgeBase, headers: dict[str, str]) -> None:
    with TestClient(create_app(kb.settings, kb), raise_server_exceptions=False) as stranger:
        answer = stranger.post(EDIT, data={"do": "hold", "name": "Eve"}, headers=headers)
    assert answer.status_code == 403
    assert kb.issues.draft(WEEK).hold is None


def test_a_browser_that_says_only_the_origin_may_edit(kb: KnowledgeBase) -> None:
    with TestClient(create_app(kb.settings, kb), raise_server_exceptions=False) as old:
        assert old.get(EDIT).headers["Referrer-Policy"] == "same-origin", "else browsers send Origin: null with the form"
        answer = old.post(EDIT, data={"do": "hold", "name": "Ada"}, headers={"Origin": "http://testserver"})
    assert answer.status_code == 200


def test_the_cookie_stays_with_this_server_and_away_from_scripts(client: TestClient) -> None:
    answer = client.post(EDIT, data={"do": "hold", "name": "Ada Löwe; x"}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert 'id="editor"' in client.get(EDIT).text


@pytest.mark.parametrize(
    "data",
    [
        {"do": "nothing"}, {}, {"do": "up:x"}, {"do": "restore:999"}, {"do": "save", "shown": "1,x"}, {"do": "up:" + "9" * 40},
        {"do": "save", "shown": "1", "merge-1": "x"}, {"do": "save", "shown": "1", "length-1": "x"},
        {"do": "save", "shown": "1", "headline-1": "x" * 600},
    ],
)  # fmt: skip
def test_a_wrong_form_gets_one_clear_answer(client: TestClient, kb: KnowledgeBase, data: dict[str, str]) -> None:
    begin(client)
    answer = client.post(EDIT, data=data)
    assert answer.status_code in (400, 404)
    assert kb.issues.draft(WEEK).revision == 0


def test_no_style_and_no_script_stand_in_the_page_itself(client: TestClient) -> None:
    page = begin(client)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_versions_are_compared_and_restored(client: TestClient, kb: KnowledgeBase, maia: int) -> None:
    page = send(client, begin(client), "keep", version="first", **{f"headline-{maia}": "Before the change"})
    page = send(client, page, "save", **{f"headline-{maia}": "After the change"})
    shown = client.get(f"{EDIT}/versions/1").text
    assert "<del>Before</del>" in shown
    assert "<ins>After</ins>" in shown
    client.post(EDIT, data={"do": "restore:1"})
    assert kb.issues.draft(WEEK).edits.of(maia).headline == "Before the change"
    assert client.get(f"{EDIT}/versions/77").status_code == 404


def test_publishing_freezes_the_address_and_a_correction_stands_beside_it(
    client: TestClient, kb: KnowledgeBase, maia: int
) -> None:
    page = send(client, begin(client), "save", **{f"headline-{maia}": "As published"})
    published = send(client, page, "publish")
    assert "As published" in published
    assert "Published" in published
    page = send(client, client.get(EDIT).text, "save", **{f"headline-{maia}": "Changed"})
    assert client.get(f"/digests/{WEEK}").text.count("Changed") == 0
    assert "Changed" in client.get(f"/digests/{WEEK}?draft").text
    assert "As published" in client.get(f"/api/v1/digests/{WEEK}?format=md").text
    assert "Changed" in client.get(f"/api/v1/digests/{WEEK}?format=md&draft=1").text
    assert "Say what is corrected" in send(client, page, "publish")
    corrected = send(client, page, "publish", correction="A wrong chip was named.")
    assert "A wrong chip was named." in corrected
    assert "As published" in client.get(f"/digests/{WEEK}?version=1").text
    assert client.get(f"/digests/{WEEK}?version=3").status_code == 404


def test_the_archive_lists_what_went_out_and_the_feed_has_it(client: TestClient) -> None:
    assert client.get("/api/v1/issues").json() == {"issues": []}
    assert "Published issues" not in re.sub(r"<head>.*</head>", "", client.get("/digests").text, flags=re.DOTALL)
    send(client, begin(client), "publish")
    assert "AI chips, week 2023-W46" in client.get("/digests").text
    [issue] = client.get("/api/v1/issues").json()["issues"]
    assert (issue["week"], issue["version"]) == (WEEK, 1)
    feed = client.get("/api/v1/feeds/atom/issues")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert f"/digests/{WEEK}" in feed.text


@pytest.mark.parametrize("address", ["/digests/2023-W99/edit", "/digests/x/edit", f"/digests/{WEEK}/edit/versions/0"])
def test_what_is_no_week_is_said_so(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (400, 404)
