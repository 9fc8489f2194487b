"""What a robots.txt allows: groups, the longest rule, and files that are made to take long."""

import random
import time

import pytest
from protego import Protego

from crawlers.robots_rules import MAX_BYTES, MAX_DELAY, Rules, read_robots

SITE = "https://news.example"


def rules(*lines: str) -> Rules:
    return read_robots("\n".join(lines).encode(), "Chipwire")


@pytest.mark.parametrize(
    ("lines", "path", "allowed"),
    [
        ((), "/a", True),
        (("User-agent: *", "Disallow: /"), "/a", False),
        (("User-agent: *", "Disallow: /"), "/robots.txt", True),
        (("User-agent: *", "Disallow:"), "/a", True),
        (("Disallow: /",), "/a", True),  # it stands under no name
        (("User-agent: *", "Disallow: /", "User-agent: Chipwire", "Disallow: /private"), "/a", True),
        (("User-agent: *", "Disallow: /", "User-agent: Chipwire", "Disallow: /private"), "/private/x", False),
        (("User-agent: chipwire/0.1", "Disallow: /"), "/a", False),
        (("User-agent: Chipwirebot", "Disallow: /"), "/a", True),
        (("User-agent: Other", "User-agent: Chipwire", "Disallow: /"), "/a", False),
        (("User-agent: *", "Crawl-delay: 5", "User-agent: Other", "Disallow: /"), "/a", True),
        (("User-agent: *", "Disallow: /x", "User-agent: Other", "Allow: /", "User-agent: *", "Disallow: /y"), "/y", False),
        (("User-agent: *", "Disallow: /x", "User-agent: Other", "Allow: /", "User-agent: *", "Disallow: /y"), "/x", False),
        (("User-agent: *", "Disallow: /a", "Allow: /a/b"), "/a/b/c", True),
        (("User-agent: *", "Allow: /a", "Disallow: /a"), "/a", True),
        (("User-agent: *", "Disallow: /a", "Allow: /a"), "/a", True),
        (("User-agent: *", "Disallow: /*.pdf$"), "/a/b.pdf", False),
        (("User-agent: *", "Disallow: /*.pdf$"), "/a/b.pdf?x=1", True),
        (("User-agent: *", "Disallow: /*?x="), "/a?x=1", False),
        (("User-agent: *", "Disallow: /*/private/*/x"), "/a/private/b/x", False),
        (("User-agent: *", "Disallow: /a$"), "/ab", True),
        (("User-agent: *", "Disallow: /a*$"), "/ab", False),
        (("User-agent: *", "Disallow: *"), "/ab", False),
        (("User-agent: *", "Disallow: /芯片"), "/%E8%8A%AF%E7%89%87/1", False),
        (("User-agent: *", "Disallow: /%7Eann"), "/~ann/x", False),
        (("User-agent: *", "Disallow: /~ann"), "/%7eann/x", False),
        (("User-agent: *", "Disallow: /a%2fb"), "/a/b", True),
        (("User-agent: *", "Disallow: /a # not this", "#Disallow: /b"), "/b", True),
        (("USER-AGENT : *", " dissallow : /a"), "/a", False),
        (("User-agent: *", "Disallow: a"), "/a", False),
        (("\ufeffUser-agent: *", "Disallow: /a"), "/a", False),
        (("<html>", "not", "found: at all"), "/a", True),
    ],
)
def test_the_longest_rule_of_the_crawlers_own_groups_counts(lines: tuple[str, ...], path: str, allowed: bool) -> None:
    assert rules(*lines).allow(f"{SITE}{path}") is allowed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("1e9", MAX_DELAY),
        ("inf", MAX_DELAY),
        ("nan", None),
        ("-1", None),
        ("0", None),
        ("soon", None),
    ],
)
def test_crawl_delay_is_a_bounded_number_of_seconds(value: str, seconds: float | None) -> None:
    assert rules("User-agent: *", f"Crawl-delay: {value}").delay == seconds


def test_lines_may_end_in_any_way() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert not read_robots(f"User-agent: *{end}Disallow: /a{end}".encode(), "Chipwire").allow(f"{SITE}/a")


def test_it_agrees_with_protego_on_random_files() -> None:
    chance = random.Random(9309)
    pieces = ["/", "a", "b", "*", "$", "ab", "%61", "%2F", "?", "=", "é", ".html"]
    for _ in range(3000):
        group = [
            f"{chance.choice(('Disallow', 'Allow'))}: /{''.join(chance.choices(pieces, k=chance.randrange(5)))}"
            for _ in range(chance.randrange(1, 5))
        ]
        if len({len(rule.partition(": ")[2]) for rule in group}) < len(group):
            continue  # of two rules of one length Protego does not always take the one that allows
        text = "\n".join(["User-agent: *", *group])
        ours, theirs = rules("User-agent: *", *group), Protego.parse(text)
        for _ in range(4):
            url = f"{SITE}/{''.join(chance.choices([p for p in pieces if p not in '*$'], k=chance.randrange(6)))}"
            assert ours.allow(url) == theirs.can_fetch(url, "Chipwire"), (text, url)


@pytest.mark.parametrize(
    "unit",
    [
        "Disallow: /{}*b$\n",
        "Disallow: /*{}\n",
        "Disallow: /\n",
        "User-agent: a{}\n",
        "\r",
        "Disallow: /" + "*a" * 500 + "{}b\n",
        "%41",
        "é",
    ],
)
def test_a_file_of_any_size_is_read_and_asked_in_bounded_time(unit: str) -> None:
    body = b"User-agent: *\nDisallow: /"
    lines = [unit.format(number).encode() for number in range(2_000_000 // len(unit))]
    body = b"User-agent: *\n" + b"".join(lines)
    began = time.process_time()
    found = read_robots(body, "Chipwire")
    read = time.process_time()
    found.allow(f"{SITE}/{'a' * 1900}")
    assert read - began < 3
    assert time.process_time() - read < 0.5


def test_what_lies_beyond_the_bound_is_not_read_not_even_half_a_line() -> None:
    body = b"User-agent: *\nDisallow: /a\n" + b"#" * (MAX_BYTES - 40) + b"\nDisallow: /b/cde\n"
    assert len(body) > MAX_BYTES
    found = read_robots(body, "Chipwire")
    assert not found.allow(f"{SITE}/a")
    assert found.allow(f"{SITE}/b/")
