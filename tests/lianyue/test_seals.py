"""Sealed quotes: unreadable until they are opened, and only for their contract and member."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from activities.quoting import commitment
from contracts.errors import MalformedDocument, SignatureInvalid
from lianyue.seals import QuoteSeals
from rules.canonical import NotCanonical
from rules.select.lottery import commitment_to

NUMBER = "LY-2025-0001"
CONTENT = {"price_fen": 128_765_431, "remarks": "含税，分三期", "visits": [4, 12], "own_staff": True}


def refusal(number: str, member: str) -> str:
    """What is said when a quote does not open."""
    return (
        f"the sealed quote of {member} for {number} does not open: it was changed, or sealed for another contract,"
        " by another member or under another key"
    )


@pytest.fixture
def seals(tmp_path: Path) -> QuoteSeals:
    """Seals over an empty folder."""
    return QuoteSeals(tmp_path / "keys")


def test_a_sealed_quote_opens(seals: QuoteSeals) -> None:
    """What was sealed comes back whole, with a nonce of 32 bytes that fits the commitment."""
    sealed = seals.seal(NUMBER, "LGWY", CONTENT)

    nonce, content = seals.open(NUMBER, "LGWY", sealed.ciphertext)

    assert CONTENT == content
    assert 32 == len(bytes.fromhex(nonce))
    assert sealed.commitment == commitment(nonce, dict(content))


def test_a_sealed_quote_does_not_show_its_content(seals: QuoteSeals) -> None:
    """Neither the price nor a word of the content can be read in what is kept."""
    kept = seals.seal(NUMBER, "LGWY", CONTENT).ciphertext

    price = CONTENT["price_fen"]
    assert isinstance(price, int)
    readable = [
        str(price).encode(),
        price.to_bytes(4, "big"),
        price.to_bytes(4, "little"),
        b"price_fen",
        "含税".encode(),
    ]
    assert [False] * 5 == [part in kept for part in readable]


def test_the_length_tells_no_price(seals: QuoteSeals) -> None:
    """A small price and a large one have the same length when sealed."""
    lengths = {len(seals.seal(NUMBER, "LGWY", {"price_fen": price}).ciphertext) for price in (1, 10**15)}

    assert {12 + 1024 + 16} == lengths


def test_equal_quotes_are_sealed_differently(seals: QuoteSeals) -> None:
    """Who sees two sealed quotes cannot tell that they offer the same."""
    first, second = (seals.seal(NUMBER, "LGWY", CONTENT) for _ in range(2))

    assert first.commitment != second.commitment
    assert first.ciphertext != second.ciphertext


@pytest.mark.parametrize(("number", "member"), [("LY-2025-0002", "LGWY"), (NUMBER, "GYNY")])
def test_a_quote_opens_for_its_contract_and_member_alone(seals: QuoteSeals, number: str, member: str) -> None:
    """A sealed quote that was moved to another contract or member does not open."""
    ciphertext = seals.seal(NUMBER, "LGWY", CONTENT).ciphertext

    with pytest.raises(SignatureInvalid) as caught:
        seals.open(number, member, ciphertext)

    assert refusal(number, member) == caught.value.message


def test_no_bit_of_a_sealed_quote_may_change(seals: QuoteSeals) -> None:
    """Not one flip in what is kept goes unnoticed."""
    whole = seals.seal(NUMBER, "LGWY", CONTENT).ciphertext

    for position in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(SignatureInvalid):
            seals.open(NUMBER, "LGWY", bytes(flipped))


@pytest.mark.parametrize("length", [0, 11, 12, 27, 28, 1051])
def test_a_cut_quote_is_refused(seals: QuoteSeals, length: int) -> None:
    """However short what is left, the answer is the same."""
    cut = seals.seal(NUMBER, "LGWY", CONTENT).ciphertext[:length]

    with pytest.raises(SignatureInvalid) as caught:
        seals.open(NUMBER, "LGWY", cut)

    assert refusal(NUMBER, "LGWY") == caught.value.message


def test_another_key_does_not_open(seals: QuoteSeals, tmp_path: Path) -> None:
    """A quote that another installation sealed does not open here."""
    elsewhere = QuoteSeals(tmp_path / "elsewhere").seal(NUMBER, "LGWY", CONTENT)

    with pytest.raises(SignatureInvalid) as caught:
        seals.open(NUMBER, "LGWY", elsewhere.ciphertext)

    assert refusal(NUMBER, "LGWY") == caught.value.message


def test_floats_are_not_sealed(seals: QuoteSeals) -> None:
    """Money with a fraction is refused before it is sealed."""
    with pytest.raises(NotCanonical) as caught:
        seals.seal(NUMBER, "LGWY", {"price_fen": 1.5})

    assert "a value of type float has no canonical form" == caught.value.message


def test_the_key_is_for_its_owner_alone(seals: QuoteSeals, tmp_path: Path) -> None:
    """The folder holds one file of 32 bytes with mode 0600."""
    seals.seal(NUMBER, "LGWY", CONTENT)

    files = {
        file.name: (file.stat().st_size, oct(file.stat().st_mode & 0o777)) for file in (tmp_path / "keys").iterdir()
    }

    assert {"quote-seals.key": (32, "0o600")} == files


def test_a_broken_key_is_named(seals: QuoteSeals, tmp_path: Path) -> None:
    """A key file of the wrong length is refused by its name, not replaced."""
    file = tmp_path / "keys" / "quote-seals.key"
    file.parent.mkdir()
    file.write_bytes(b"short")

    with pytest.raises(MalformedDocument) as caught:
        seals.seal(NUMBER, "LGWY", CONTENT)

    assert ("quote-seals.key is not a key of 32 bytes", b"short") == (caught.value.message, file.read_bytes())


SEAL = """
import sys, time
from pathlib import Path
from lianyue.seals import QuoteSeals
from rules.select.lottery import commitment_to

folder, start = Path(sys.argv[1]), Path(sys.argv[2])
start.with_name(sys.argv[3]).touch()
while not start.exists():
    time.sleep(0.0005)
for number in range(20):
    print(QuoteSeals(folder / str(number)).seal("LY-2025-0001", "LGWY", {"price_fen": 1}).ciphertext.hex())
"""


def test_processes_that_make_the_same_key_agree(tmp_path: Path) -> None:
    """What two processes sealed in twenty empty folders at once, each opens with the key that stayed there."""
    start = tmp_path / "start"
    command = [sys.executable, "-I", "-c", SEAL, str(tmp_path / "keys"), str(start)]
    names = ["first", "second"]
    processes = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in names]
    while not all((tmp_path / name).exists() for name in names):
        assert all(process.poll() is None for process in processes)
    start.touch()

    printed = [process.communicate(timeout=60)[0].splitlines() for process in processes]

    contents = [
        json.dumps(QuoteSeals(tmp_path / "keys" / str(number)).open(NUMBER, "LGWY", bytes.fromhex(line))[1])
        for lines in printed
        for number, line in enumerate(lines)
    ]
    assert ['{"price_fen": 1}'] * 40 == contents


def test_a_sealed_seed_opens_for_its_contract_alone(seals: QuoteSeals) -> None:
    """What it commits to is the SHA-256 of what comes out; another contract does not get it open."""
    sealed = seals.seal_seed(NUMBER)

    assert sealed.commitment == commitment_to(seals.open_seed(NUMBER, sealed.ciphertext))
    with pytest.raises(SignatureInvalid) as caught:
        seals.open_seed("LY-2025-0002", sealed.ciphertext)
    message = "the sealed seed of LY-2025-0002 does not open: it was changed, or sealed for another contract or key"
    assert message == caught.value.message


def test_a_seed_is_not_a_quote(seals: QuoteSeals) -> None:
    """Neither opens as the other, whoever it is said to be of."""
    with pytest.raises(SignatureInvalid):
        seals.open(NUMBER, "LGWY", seals.seal_seed(NUMBER).ciphertext)
    with pytest.raises(SignatureInvalid):
        seals.open_seed(NUMBER, seals.seal(NUMBER, "LGWY", CONTENT).ciphertext)


def test_no_two_seeds_are_the_same(seals: QuoteSeals) -> None:
    """Each draw has its own 32 bytes."""
    drawn = {seals.open_seed(NUMBER, seals.seal_seed(NUMBER).ciphertext) for _ in range(50)}

    assert (50, {64}) == (len(drawn), {len(seed) for seed in drawn})
