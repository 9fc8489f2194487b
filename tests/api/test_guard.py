import pytest

from api.guard import host_is_ours


@pytest.mark.parametrize(
    ("host", "alone", "beyond"),
    [
        ("localhost:8700", True, True),
        ("127.0.0.1", True, True),
        ("[::1]:8700", True, True),
        ("desk.localhost", True, True),
        ("chips.example.com:443", True, True),
        ("CHIPS.example.com", True, True),
        ("evil.example", False, False),
        ("chips.example.com.evil.example", False, False),
        ("192.168.1.5:8700", False, True),
        ("[fd00::1]", False, True),
        ("", False, False),
    ],
)
def test_only_names_that_cannot_be_pointed_here_by_others_are_answered(host: str, alone: bool, beyond: bool) -> None:
    allowed = {"chips.example.com"}
    assert host_is_ours(host, allowed, loopback=True) is alone
    assert host_is_ours(host, allowed, loopback=False) is beyond
