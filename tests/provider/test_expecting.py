from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.provider.expecting import EditError, added, as_yaml, missing
from conformance.provider.load import parse
from conformance.provider.mistakes import ProvidersError
from conformance.provider.model import Expected
from tests.ids import by_value

SUM = Expected("usage.total-is-sum", 'it is 90: "see" {a}', "https://acme.example/1", date(2027, 1, 31))
STOP = Expected("stop.not-in-output", "it leaks")
WRITTEN = (
    '- {requirement: usage.total-is-sum, because: "it is 90: \\"see\\" {a}", '
    'link: "https://acme.example/1", until: 2027-01-31}'
)

PLAIN = """\
# Ours.
providers:
  acme:   # the first
    base_url: https://api.acme.example/v1
    models: [a]
    claims: openai   # all of it

  # The other one.
  bolt:
      embedded: true
"""


def _entry(text: str) -> tuple[Expected, ...]:
    found = parse(text.encode(), "p.yaml").entries["acme"].expected
    return tuple(Expected(one.requirement, one.because, one.link, one.until) for one in found)


def test_entries_are_added_and_every_other_byte_stays() -> None:
    changed = added(PLAIN.encode(), "p.yaml", {"bolt": [STOP], "acme": [SUM, STOP]}).decode()
    assert changed == PLAIN.replace(
        "claims: openai   # all of it\n",
        f"claims: openai   # all of it\n    expected:\n      {WRITTEN}\n"
        '      - {requirement: stop.not-in-output, because: "it leaks"}\n',
    ).replace(
        "embedded: true\n",
        'embedded: true\n      expected:\n        - {requirement: stop.not-in-output, because: "it leaks"}\n',
    )
    assert _entry(changed) == (SUM, STOP)


ID = "requirement: usage.present-and-integer"


@pytest.mark.parametrize("dash", ["      - ", "    - ", "    -   "])
@pytest.mark.parametrize(
    "first",
    [
        "{" + ID + ", because: it is late}  # ours\n",
        ID + "\n<>because: |\n<>  it is\n<>  late\n",
        ID + "\n<>because: >-\n<>  it is\n\n<>  late\n\n",
        "{" + ID + ",\n<> because: 'it\n<> is'}\n\n    # to be mended\n",
        ID + "\n<>because: it is\n<> late\n",
    ],
    ids=["one line", "literal", "folded", "several lines", "plain"],
)
def test_entries_are_added_after_those_that_are_there(dash: str, first: str) -> None:
    known = f"    expected:\n{dash}" + first.replace("<>", " " * len(dash))
    text = f"providers:\n  acme:\n    embedded: true\n{known}  # end\n"
    changed = added(text.encode(), "p.yaml", {"acme": [SUM]}).decode()
    (new,) = [line for line in changed.splitlines(keepends=True) if WRITTEN in line]
    assert changed.replace(new, "") == text
    assert _entry(changed)[1:] == (SUM,)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_stay(end: str, mark: str) -> None:
    text = mark + PLAIN.replace("\n", end)
    changed = added(text.encode(), "p.yaml", {"acme": [SUM]}).decode()
    assert changed == text.replace(
        f"# all of it{end}", f"# all of it{end}    expected:{end}      {WRITTEN}{end}"
    )


def test_a_file_without_a_last_line_end_gets_one() -> None:
    text = "providers:\n  acme:\n    embedded: true"
    changed = added(text.encode(), "p.yaml", {"acme": [SUM]}).decode()
    assert changed == f"{text}\n    expected:\n      {WRITTEN}\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("providers:\n  acme: {embedded: true}\n", "p.yaml:2:9: what stands in braces"),
        ("providers: {acme: {embedded: true}}\n", "p.yaml:1:12: what stands in braces"),
        ("providers:\n  acme:\n    embedded: true\n    expected: []\n", "p.yaml:4:15: what stands in braces"),
        ("providers:\n  bolt:\n    embedded: true\n", "p.yaml: has no provider 'acme'"),
    ],
    ids=by_value,
)
def test_what_cannot_be_edited_safely_is_refused(text: str, place: str) -> None:
    try:
        parse(text.encode(), "p.yaml")
    except ProvidersError:
        pytest.fail("the file itself is wrong")
    with pytest.raises(EditError, match=place):
        added(text.encode(), "p.yaml", {"acme": [SUM]})


def test_a_wrong_file_is_refused_as_ever() -> None:
    with pytest.raises(ProvidersError, match="duplicate key"):
        added(b"providers:\n  acme:\n    embedded: true\n    embedded: true\n", "p.yaml", {"acme": [SUM]})


def test_what_is_expected_already_is_not_missing() -> None:
    once = added(PLAIN.encode(), "p.yaml", {"acme": [SUM]})
    assert missing(once, "p.yaml", {"acme": [SUM, STOP], "bolt": [SUM]}) == {"acme": [STOP], "bolt": [SUM]}
    assert missing(once, "p.yaml", {"acme": [SUM]}) == {}
    assert added(once, "p.yaml", {}) == once
    with pytest.raises(EditError, match="too unusual"):
        added(once, "p.yaml", {"acme": [SUM]})


@given(st.text(min_size=1, max_size=50).filter(lambda text: text.isprintable()))
def test_any_printable_reason_is_read_as_it_was(because: str) -> None:
    one = Expected(SUM.requirement, because, "", SUM.until)
    assert _entry(added(PLAIN.encode(), "p.yaml", {"acme": [one]}).decode()) == (one,)


def test_what_is_printed_can_be_pasted() -> None:
    text = as_yaml({"acme": [SUM, STOP], "null": [STOP], "1e3": [STOP]})
    entries = text.replace("    expected:", "    embedded: true\n    expected:")
    assert list(parse(entries.encode(), "p.yaml").entries) == ["acme", "null", "1e3"]
    assert _entry(entries) == (SUM, STOP)
