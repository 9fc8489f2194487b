import pytest

from index.digest.recipients import read_address, read_recipients
from index.errors import FilterError


def test_a_list_has_an_address_on_each_line() -> None:
    lines = ["\ufeff# readers", "", " ada@one.example ", "Bob B. <Bob@TWO.example>", "ADA@one.example", "x+y@sub.three.example"]
    assert read_recipients(lines) == ["ada@one.example", "Bob@two.example", "x+y@sub.three.example"]


@pytest.mark.parametrize(
    "text",
    ["ada", "@one.example", "ada@", "a b@one.example", "ada@one.example\r\nBcc: eve@x.example", "ada@one..example",
     "ada@-one.example", "ada@one.example>", "ada@" + "x" * 300 + ".example", "a\x00@one.example", "名字@one.example"],
)  # fmt: skip
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(FilterError):
        read_address(text)


def test_the_line_that_is_wrong_is_named() -> None:
    with pytest.raises(FilterError, match="Line 2: 'nobody'"):
        read_recipients(["ada@one.example", "nobody"])
    with pytest.raises(FilterError, match="no address"):
        read_recipients(["# nobody yet", ""])
