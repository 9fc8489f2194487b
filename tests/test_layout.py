"""The shape of the repository, held by tests."""

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("index", "crawlers", "api", "web")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_one_of_our_package_names(package: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(package, ()))
    # In an editable installation the packages belong to no distribution's file list at all.
    assert owners <= {"chipwire"}, f"{owners - {'chipwire'}} would shadow ours"


def test_the_top_level_has_only_what_is_expected_there() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
    if not tracked:
        pytest.skip("not a git checkout")
    top = {path.split("/")[0] for path in tracked}
    assert top <= {
        *PACKAGES, "tests", "bench", "docs", ".ci", ".gitignore", "pyproject.toml", "README.md", "Makefile", "LICENSE",
        "THIRD_PARTY_NOTICES.md", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.lock", "requirements-dev.lock",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "owner"),
    [
        ("faiss", "index/retrieval/vectors.py"),
        ("sentence_transformers", "index/retrieval/encoder_torch.py"),
        ("torch", "index/retrieval/encoder_torch.py"),
        ("openvino", "index/retrieval/encoder_openvino.py"),
        ("sqlite3", "index/store/"),
        ("scrapy", "crawlers/"),
        ("opencc", "index/text/fold.py"),
        ("warcio", "crawlers/warc.py"),
        ("feedparser", "crawlers/feeds.py"),
        ("mcp", "api/mcp_"),
        ("prometheus_client", "api/metrics.py"),
    ],
)
def test_each_engine_is_imported_in_one_place_only(engine: str, owner: str) -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if engine in _imports(path):
                assert name.startswith(owner), f"{name} imports {engine}"


def test_modules_are_small_enough_to_read() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= 500, f"{path.relative_to(ROOT)} has {lines} lines: split it by noun"


def test_no_module_reads_the_clock_or_the_environment_but_the_outermost() -> None:
    allowed = {"api/clock.py", "api/commands/options.py", "api/server.py", "index/retrieval/encoder_torch.py"}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "environ"):
                    value = node.value
                    if isinstance(value, ast.Name) and value.id in ("datetime", "date", "os"):
                        assert name in allowed, f"{name}:{node.lineno} reads {value.id}.{node.attr}"


def test_importing_any_module_loads_no_model_library() -> None:
    heavy = {"torch", "transformers", "openvino", "faiss", "scrapy"}
    code = f"import sys, api.cli, index.knowledge_base, api.documents; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_pins_name_no_address_and_cover_what_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    pinned = set()
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, f"{line} is not pinned"
            assert "/" not in line
            pinned.add(name.lower().replace("_", "-"))
    for requirement in declared:
        name = requirement.split(">=")[0].split("==")[0].lower()
        assert name in pinned, f"{name} is not in requirements.lock"


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names
