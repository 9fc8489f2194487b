"""The files that pages load: few, small, ours, and kept by browsers for good under names that carry a hash."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from index.errors import NotFound

FOLDER = Path(__file__).parent / "static"
_CONTENT_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def static(name: str) -> Response:
    files = _files()
    if name not in files:
        raise NotFound("There is no such file.")
    body, kind = files[name]
    return Response(body, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})


@router.get("/favicon.ico")
def favicon() -> Response:
    return static(static_name("icon.svg"))


def static_name(name: str) -> str:
    """The name under which a static file is served."""
    return _names()[name]


@cache
def _names() -> dict[str, str]:
    names = {}
    for path in sorted(FOLDER.iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        names[path.name] = f"{path.stem}.{digest}{path.suffix}"
    return names


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {served: ((FOLDER / name).read_bytes(), _CONTENT_TYPES[Path(name).suffix]) for name, served in _names().items()}
