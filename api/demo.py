"""The demo: a newsroom on this machine, crawled for real, indexed, and served."""

import hashlib
import sys
import threading
import time
from dataclasses import replace

from api.app import create_app
from api.clock import utc_now
from api.console import ProgressLine, note, say
from api.crawling import crawl
from api.listening import bind
from api.server import check_access, run
from crawlers.crawl import Plan
from crawlers.newsroom.catalogue import Newsroom, load_newsroom
from crawlers.newsroom.server import NewsroomServer, demo_sources
from crawlers.sources import source_from
from index.errors import ChipwireError, ListenError, UnreachableError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings

_MARK = "demo_newsroom"
_TRY = (
    ("microsoft custom chip", "English and Chinese reports on Microsoft's own accelerators"),
    ("英伟达 租赁 DGX 价格", "a Chinese question with an English answer on DGX Cloud's price"),
    ("H20 delay", "what happened to the chip for China"),
)


def run_demo(settings: Settings) -> None:
    """Serve the newsroom on one port and Chipwire over it on another, until interrupted.

    The crawl is skipped where this data folder has read the same newsroom before.

    Raises:
        ListenError: a port is taken. WriterBusy: another process writes to the data folder.
    """
    began = time.monotonic()
    check_access(settings)
    sock = bind(settings.host, settings.port)
    newsroom = load_newsroom()
    try:
        server = NewsroomServer(newsroom, settings.newsroom_port)
    except OSError as error:
        sock.close()
        raise ListenError(
            f"Port {settings.newsroom_port} is taken by another program ({error.strerror}).",
            hint="Choose another for the newsroom with CHIPWIRE_NEWSROOM_PORT.",
        ) from None
    with server:
        try:
            settings = replace(settings, loopback_ports=(server.port,))
            kb = KnowledgeBase.open(settings, writer=True)
            # Loading the model takes seconds of one core while the crawl mostly waits for the other.
            threading.Thread(target=_load_model, args=(kb,), daemon=True).start()
            with kb, ProgressLine() as progress:
                _fill(kb, newsroom, server, progress)
            # The same encoder goes on to serve, so the model is loaded once.
            served = KnowledgeBase.open(settings, encoder=kb.encoder, reading=kb.reading)
        except BaseException:
            sock.close()
            raise
        with served:
            app = create_app(settings, served)
            threading.Thread(target=_announce, args=(app, sock.getsockname()[1], began), daemon=True).start()
            run(app, sock)
    note("Stopped.")


def _fill(kb: KnowledgeBase, newsroom: Newsroom, server: NewsroomServer, progress: ProgressLine) -> None:
    mark = f"{server.port}:{hashlib.sha256(repr(newsroom).encode()).hexdigest()}"
    if kb.store.meta(_MARK) != mark:
        note(f"Crawling the demo newsroom at http://localhost:{server.port} …")
        sources = [source_from(entry, "demo newsroom") for entry in demo_sources(newsroom, server.port)]
        results = crawl(kb, Plan(tuple(sources)), utc_now, progress, lambda report, health: None)
        reports = [report for report, _ in results]
        failed = [report for report in reports if report.errors]
        for report in failed:
            note(f"{report.source.id}: {report.outcome}")
        if not any(report.reached for report in reports):
            raise UnreachableError("The demo newsroom could not be crawled.", hint="See the lines above.")
        if not failed:
            with kb.store.atomic():
                kb.store.set_meta(_MARK, mark)
    kb.refresh(utc_now(), progress)


def _load_model(kb: KnowledgeBase) -> None:
    try:
        if kb.encoder is not None:
            kb.encoder.encode_query("warm")
    except ChipwireError as error:
        note(str(error))


def _announce(app: object, port: int, began: float) -> None:
    """Print the address once searches can be answered."""
    state = app.state  # type: ignore[attr-defined]  # FastAPI's own attribute
    while getattr(state, "ready", None) is None or not state.ready.wait(0.05):
        time.sleep(0.05)
    address = f"http://localhost:{port}"
    lines = [f"Chipwire is ready at {address}  ({time.monotonic() - began:.0f} s; Ctrl-C stops it)", "", "Try:"]
    for query, what in _TRY:
        lines.append(f"  {query:28} {what}")
    lines += ["", f"  {address}/digests/2023-W46   the week of Maia and the H200"]
    say("\n".join(lines))
    sys.stdout.flush()
