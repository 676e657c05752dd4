"""Publishing: an edition says for ever what it said, and no day is decided otherwise in hindsight."""

from __future__ import annotations

from contracts.calendar import epoch_day
from rules.edition import edition_of
from rules.publication import Published, publication_faults

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  effective: {from: "2025-07-01"}
  parameters:
    least_bp: {type: int, unit: bp, values: [{from: "2025-01-01", value: 7000}]}
"""

EDITION = edition_of(PARAMS, "few.yaml")


def published(day: str, digest: str = EDITION.digest, name: str = "few") -> Published:
    """What the records know."""
    return Published("ParameterSet", name, epoch_day(day), digest)


def faults(*known: Published) -> list[str]:
    """What forbids publishing the edition of July."""
    return [str(problem) for problem in publication_faults([EDITION], known)]


OTHER = "sha256:" + "0" * 64
WHICH = "few.yaml:5:21: ParameterSet 'few' from 2025-07-01"


def test_a_new_edition_after_all_others_may_be_published() -> None:
    """So may the first one, and the same one again, also when later ones have followed."""
    assert [] == faults()
    assert [] == faults(published("2025-01-01", OTHER))
    assert [] == faults(published("2025-07-01"), published("2026-01-01", OTHER))


def test_a_published_edition_is_not_edited() -> None:
    """Another digest under the same name and first day is refused."""
    expected = f"{WHICH} was published with other content; an edition is never edited: write the next one"
    assert [expected] == faults(published("2025-07-01", OTHER))


def test_an_edition_does_not_begin_before_a_published_one() -> None:
    """Contracts were decided without it; the editions of other names do not matter."""
    expected = f"{WHICH} is back-dated: one from 2026-01-01 is published; begin after that"
    assert [expected] == faults(published("2025-01-01", OTHER), published("2026-01-01", OTHER))
    assert [] == faults(published("2026-01-01", OTHER, "many"))
