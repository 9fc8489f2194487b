"""``python -m tests.crawlers.impatient SECONDS ARGUMENTS…``: a ``chipwire`` command whose downloads may last so long."""

import sys

import crawlers.fetching
import crawlers.limits


def main() -> None:
    seconds, *arguments = sys.argv[1:]
    crawlers.fetching.BACKOFF, crawlers.fetching.SILENT = 0.1, 10**6
    crawlers.limits.SAFETY_SETTINGS["DOWNLOAD_TIMEOUT"] = crawlers.limits.RENDERING_SECONDS = float(seconds)  # type: ignore[assignment]
    sys.argv = ["chipwire", *arguments]
    from api.__main__ import main as chipwire

    chipwire()


if __name__ == "__main__":
    main()
