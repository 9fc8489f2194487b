"""STANDIN."""

import asyncio
import importlib
from typing import Any, Self


class ParserPool:
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def run(self, task: str, *arguments: Any) -> Any:
        module, _, name = task.partition(":")
        return await asyncio.to_thread(getattr(importlib.import_module(module), name), *arguments)
