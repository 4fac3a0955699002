"""providers.yaml: what an entry becomes, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformance import CONTRACTS
from conformance.provider.claims import profiles
from conformance.provider.level import Level
from conformance.provider.load import default_providers, find, load, parse
from conformance.provider.mistakes import ProvidersError
from conformance.provider.model import Expected, Limits, Price, Provider
from conformance.provider.validate import PROVIDERS, schema
from conformance.reference.chat.personas import PERSONAS

OWN = Path(__file__).parents[2] / "providers.yaml"

FIVE_LINES = """\
providers:
  acme:
    base_url: https://acme.example/v1
    api_key: ${ACME_KEY}
    models: [large]
    claims: openai
"""

EVERYTHING = """\
providers:
  acme:
    base_url: https://acme.example/v1//
    api_key: ${ACME_KEY}
    models: [large, org/small]
    claims:
      profile: toapis
      but: {stop: {max: 1}, vision: false, seed: {min: 0}, top_p: null}
      levels:
        usage.total-is-sum: {level: MAY, because: it rounds}
    limits: {concurrency: 2.0, rpm: 60, timeout: 5, connect: 1, first_byte: 2, silence: 0.5}
    price: {prompt: 3, completion: 15.5}
    headers: {X-Team: eval, X-Key: "${GATE_KEY}"}
    expected:
      - {requirement: usage.total-is-sum, because: tens, link: "https://t.example/1", until: 2027-01-31}
      - requirement: stop.string-stops
        because: known
"""


def one(text: str) -> Provider:
    (provider,) = parse(text.encode(), "p.yaml").entries.values()
    return provider


def entry(**replaced: str) -> str:
    """A file with one entry, some of whose values are replaced."""
    members = {"base_url": "https://a.example/v1", "models": "m", "claims": "openai", **replaced}
    return "providers:\n  a:\n" + "".join(f"    {key}: {value}\n" for key, value in members.items())


def test_the_embedded_provider_plays_a_persona() -> None:
    assert one("providers: {a: {embedded: true}}").persona == "reference"
    assert one("providers: {a: {embedded: true, persona: weak}}").persona == "weak"


def test_the_schema_knows_the_personas() -> None:
    members = schema(PROVIDERS)["$defs"]["provider"]["properties"]
    assert members["persona"]["enum"] == list(dict.fromkeys([*PERSONAS, *profiles()]))


def test_five_lines_make_a_provider() -> None:
    provider = one(FIVE_LINES)
    assert (provider.name, provider.base_url) == ("acme", "https://acme.example/v1")
    assert provider.models == ("large",)
    assert provider.key_variable == "ACME_KEY"
    assert provider.claims.profile == "openai"
    assert provider.limits == Limits()
    assert (provider.price, provider.expected, dict(provider.headers)) == (None, (), {})
    assert provider.where == "p.yaml:2:3"
    assert not provider.embedded


def test_everything_that_an_entry_can_say() -> None:
    provider = one(EVERYTHING)
    assert provider.base_url == "https://acme.example/v1"
    assert provider.models == ("large", "org/small")
    assert provider.limits == Limits(2, 60, 5.0, 1.0, 2.0, 0.5)
    assert isinstance(provider.limits.concurrency, int)
    assert provider.price == Price(3.0, 15.5)
    assert dict(provider.headers) == {"X-Team": "eval", "X-Key": "${GATE_KEY}"}
    assert provider.expected == (
        Expected(
            "usage.total-is-sum",
            "tens",
            "https://t.example/1",
            date(2027, 1, 31),
            "p.yaml:15:9",
        ),
        Expected("stop.string-stops", "known", where="p.yaml:16:9"),
    )


def test_what_differs_from_the_profile_is_laid_over_it() -> None:
    claims = one(EVERYTHING).claims
    assert claims.profile == "toapis"
    assert claims.detail("stop", "max") == 1
    assert claims.detail("stop", "types") == ["string", "array"]
    assert claims.state("vision") == "documented as unsupported"
    assert claims.detail("vision", "model_dependent") is None
    assert claims.state("top_p") == "not documented"
    assert claims.documents("seed")
    assert claims.levels["usage.total-is-sum"].level is Level.MAY
    assert claims.levels["stop.not-in-output"].level is Level.SHOULD
    assert "top_p" in one(entry(claims="toapis")).claims.claims


def test_one_model_may_be_written_without_a_list() -> None:
    assert one(entry(models="org/tiny")).models == ("org/tiny",)


def test_a_base_url_need_not_end_in_v1() -> None:
    assert one(entry(base_url="http://127.0.0.1:8080/")).base_url == "http://127.0.0.1:8080"
    assert one(entry(base_url="http://[::1]:8080/api/v3")).base_url == "http://[::1]:8080/api/v3"


def test_an_embedded_entry_needs_nothing_else() -> None:
    provider = one("providers: {mine: {embedded: true}}")
    assert provider.embedded
    assert provider.models == ("reference",)
    assert (provider.base_url, provider.claims.profile) == ("", "openai")


def test_an_embedded_entry_can_play_another_profile() -> None:
    provider = one("providers: {mine: {embedded: true, claims: toki, limits: {concurrency: 1}}}")
    assert provider.claims.profile == "toki"
    assert provider.limits.concurrency == 1


def test_a_level_of_a_requirement_that_does_not_exist_is_found() -> None:
    providers = parse(EVERYTHING.encode(), "p.yaml")
    providers.check_requirements({"usage.total-is-sum"})
    with pytest.raises(ProvidersError) as caught:
        providers.check_requirements({"usage.total-is-the-sum"})
    assert str(caught.value) == (
        "p.yaml:10:9: unknown requirement 'usage.total-is-sum', did you mean 'usage.total-is-the-sum'?"
    )


def test_a_file_is_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "p.yaml"
    file.write_text(FIVE_LINES, "utf-8")
    assert load(file).entries["acme"].where == f"{file}:2:3"
    monkeypatch.chdir(tmp_path)
    assert load(file).entries["acme"].where == str(Path("sub", "p.yaml:2:3"))


def test_a_file_that_cannot_be_read_is_an_error_of_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path, reason in (("absent.yaml", "no such file or directory"), (".", "is a directory")):
        with pytest.raises(ProvidersError) as caught:
            load(Path(path))
        assert str(caught.value) == f"{path}: cannot be read: {reason}"


def test_an_endless_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(b"#" * (1 << 20))
    with pytest.raises(ProvidersError, match="is larger than 256 KiB"):
        load(file)


def test_the_first_folder_with_a_file_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "providers.yaml").write_text(FIVE_LINES.replace("acme", name), "utf-8")
    (tmp_path / "none").mkdir()
    assert list(find([tmp_path / "none", tmp_path / "two", tmp_path / "one"]).entries) == ["two"]


def test_without_a_file_there_is_the_embedded_provider(tmp_path: Path) -> None:
    found = find([tmp_path, tmp_path])
    assert found.file is None
    assert found.looked == (str(tmp_path),)
    (provider,) = found.entries.values()
    assert (provider.name, provider.embedded, provider.models) == ("reference", True, ("reference",))
    assert provider == default_providers().entries["reference"]
    assert tuple(one.claims.contract for one in provider.offers) == CONTRACTS


def test_the_projects_own_file_says_what_the_documents_say() -> None:
    entries = load(OWN).entries
    assert [
        (one.name, one.base_url, one.key_variable, one.models, one.claims.profile) for one in entries.values()
    ] == [
        ("reference", "", None, ("reference",), "openai"),
        ("rehearsal", "", None, ("reference",), "toapis"),
        ("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", ("gpt-4o-mini",), "openai"),
        ("toapis", "https://toapis.com/v1", "TOAPIS_API_KEY", ("claude-sonnet-4-6",), "toapis"),
        ("toapis-glm-5", "https://toapis.com/v1", "TOAPIS_API_KEY", ("glm-5",), "toapis-glm-5"),
        ("tokmodel", "https://tokmodel.com/v1", "TOKMODEL_API_KEY", ("openai/gpt-4o",), "tokmodel"),
        ("toki", "https://www.tokiai.ai/v1", "TOKI_API_KEY", ("deepseek/deepseek-chat-v3",), "toki"),
        ("llamacpp", "http://127.0.0.1:8080/v1", None, ("tiny",), "openai"),
    ]


def test_the_examples_in_the_comments_of_the_projects_file_are_valid() -> None:
    lines = [line[4:] for line in OWN.read_text("utf-8").splitlines() if line.startswith("#   ")]
    first = [line for line in lines if not line.startswith("  claims: {")]
    second = [line for line in lines if not line.startswith("  claims: openai")]
    assert len(first) == len(second) == len(lines) - 1
    for text in (first, second):
        provider = one("providers:\n" + "".join(f"  {line}\n" for line in text))
        assert provider.name == "acme"
        assert provider.expected[0].until == date(2027, 1, 31)
    assert provider.claims.detail("stop", "max") == 1


def test_a_provider_without_a_key_is_not_expected_to_ask_for_one() -> None:
    text = """
providers:
  open: {base_url: "http://h/v1", models: m, claims: openai}
  keyed: {base_url: "http://h/v1", models: m, claims: openai, api_key: "${K}"}
  gateway: {base_url: "http://h/v1", models: m, claims: openai, headers: {X-Gateway-Key: "${K}"}}
"""
    entries = parse(text.encode(), "providers.yaml").entries
    documented = {name: entry.claims.documents("auth") for name, entry in entries.items()}
    assert documented == {"open": False, "keyed": True, "gateway": True}
