"""``python -m api`` is the ``chipwire`` command."""

from api.cli import main

main()
