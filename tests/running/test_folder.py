"""One run at a time writes to a folder, an earlier one is moved aside, and nothing is left of none."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.provider.claims import profile
from conformance.provider.model import Provider, Target
from conformance.running import folder
from conformance.running.folder import LOCK, BusyError, Claim, folder_for, point_latest, set_aside
from tests.ids import by_value

NOW = datetime(2026, 11, 20, 10, 38, 12, tzinfo=UTC)
TARGET, OTHER = (Target(Provider(name, "http://h/v1", ("m",), profile("openai")), "m") for name in "pq")


def test_folders_are_named_by_time_and_provider(tmp_path: Path) -> None:
    assert folder_for([TARGET, TARGET], tmp_path, NOW) == tmp_path / "20261120T103812Z-p"
    assert folder_for([TARGET, OTHER], tmp_path, NOW).name == "20261120T103812Z-2-providers"


def test_a_new_folder_is_never_taken_twice(tmp_path: Path) -> None:
    with Claim(tmp_path / "r", new=True) as one, Claim(tmp_path / "r", new=True) as two:
        (one.folder / "file").touch()
        (two.folder / "file").touch()
        assert [one.folder.name, two.folder.name] == ["r", "r-2"]


def test_a_folder_is_one_run_s_at_a_time(tmp_path: Path) -> None:
    with Claim(tmp_path):
        with pytest.raises(BusyError) as caught:
            Claim(tmp_path)
        assert caught.match(
            rf"^{tmp_path}: another run writes here \(process {os.getpid()}, since 20.* UTC\); "
        )
    with Claim(tmp_path):
        pass
    assert os.listdir(tmp_path) == []


def test_a_process_that_is_killed_locks_nothing(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from conformance.running.folder import Claim\n"
        "claim = Claim(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode < 0
    assert os.listdir(tmp_path) == [LOCK]
    with Claim(tmp_path), pytest.raises(BusyError, match=f"process {os.getpid()},"):
        Claim(tmp_path)
    assert os.listdir(tmp_path) == []


def test_who_comes_as_another_leaves_has_a_lock_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Claim(tmp_path)
    locked: list[int] = []

    def lock(self: Claim, file: int) -> None:
        if not locked:
            first.leave()  # the file that is open by now is another's, and deleted
        locked.append(os.fstat(file).st_ino)
        original(self, file)

    original = Claim._keep_others_out
    monkeypatch.setattr(Claim, "_keep_others_out", lock)
    with Claim(tmp_path):
        assert len(locked) == 2
        assert (tmp_path / LOCK).stat().st_ino == locked[1]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF], ids=errno.errorcode.get)
def test_a_file_system_without_locks_will_do(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", fail)
    with Claim(tmp_path) as claim:
        assert claim.unlocked == os.strerror(number)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("times", [1, 1000])
def test_a_lock_that_is_deleted_over_a_network_is_put_again(
    tmp_path: Path, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, failed = os.fstat, []

    def stale(file: int) -> os.stat_result:
        failed.append(file)
        if len(failed) <= times:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return original(file)

    with monkeypatch.context() as network:
        network.setattr("os.fstat", stale)
        claim = Claim(tmp_path)
    assert bool(claim.unlocked) == (times > 1)
    claim.leave()


def test_a_system_without_locks_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "fcntl", None)
    with Claim(tmp_path) as claim:
        assert claim.unlocked


def test_what_was_made_for_nothing_is_gone_again(tmp_path: Path) -> None:
    with Claim(tmp_path / "a" / "b"):
        pass
    assert os.listdir(tmp_path) == []
    (tmp_path / "a").mkdir()
    with Claim(tmp_path / "a" / "b"):
        pass
    assert os.listdir(tmp_path) == ["a"]
    with Claim(tmp_path / "a") as claim:
        (claim.folder / "file").touch()
    assert os.listdir(tmp_path / "a") == ["file"]


@pytest.mark.parametrize("place", ["/dev/null/r", "/proc/r"])
def test_a_folder_that_cannot_be_leaves_nothing(place: str) -> None:
    with pytest.raises(OSError):
        Claim(Path(place))


def run(where: Path, *names: str, started: str = "2026-11-20T11:38:12+01:00") -> None:
    where.mkdir(exist_ok=True)
    for name in names:
        (where / name).write_text(json.dumps({"started": started}) + "\n")


def listing(where: Path) -> dict[str, list[str]]:
    return {one.name: sorted(os.listdir(one)) for one in where.iterdir() if one.is_dir()}


def test_an_earlier_run_is_moved_by_the_time_it_began(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    for _ in range(2):
        run(tmp_path, "journal.jsonl", "results.json", "report.html")
        aside = set_aside(tmp_path, None)
    names = ["journal.jsonl", "report.html", "results.json"]
    assert listing(tmp_path) == {"20261120T103812Z": names, "20261120T103812Z-2": names}
    assert aside == tmp_path / "20261120T103812Z-2"
    assert (tmp_path / "notes.txt").exists()
    assert set_aside(tmp_path, None) is None


def test_a_move_that_was_cut_short_is_made_whole(tmp_path: Path) -> None:
    run(tmp_path, "journal.jsonl")
    run(tmp_path / "20261120T103812Z", "results.json")
    set_aside(tmp_path, None)
    assert listing(tmp_path) == {"20261120T103812Z": ["journal.jsonl", "results.json"]}


def test_the_own_run_stays(tmp_path: Path) -> None:
    run(tmp_path, "journal.jsonl", "results.json")
    link = tmp_path / "link"
    link.symlink_to("journal.jsonl")
    assert set_aside(tmp_path, link) is None
    run(tmp_path / "other", "journal.jsonl")
    assert set_aside(tmp_path, tmp_path / "other" / "journal.jsonl") is not None


def test_a_report_without_a_journal_is_replaced_by_another_such(tmp_path: Path) -> None:
    run(tmp_path, "results.json")
    assert set_aside(tmp_path, None, records=False) is None
    assert set_aside(tmp_path, None) == tmp_path / "20261120T103812Z"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"started": 5}', '{"started": "soon"}', "\0" * 20], ids=by_value
)
def test_a_run_that_does_not_say_when_it_began(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert set_aside(tmp_path, None) == tmp_path / "20261120T103812Z"


def test_latest_points_at_the_newest(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        point_latest(tmp_path / name)
        assert (tmp_path / "latest").resolve() == tmp_path / name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "one", "two"]


def test_a_folder_that_is_called_latest_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "latest").mkdir()
    (tmp_path / "one").mkdir()
    point_latest(tmp_path / "one")
    assert not (tmp_path / "latest").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "one"]
