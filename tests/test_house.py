"""The house rules that a machine can check."""

import re
import stat
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
LONGEST_FILE = 400
# Files that may be longer, each with the reason.
LONG_FOR_A_REASON = {
    "src/paidan/engine/quick_kernel.py": "one loop whose arrays are locals; split, it would count references",
}


def declared() -> set[str]:
    """The dependencies pyproject.toml names, in the spelling of the package index."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    return {name_of(line) for line in [*project["dependencies"], *extras]}


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def locked(lock: str) -> dict[str, str]:
    """Package and version of each line of a lock file."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].strip() for line in lines]
    return {name_of(pin): pin.partition("==")[2] for pin in pins if pin}


def test_every_dependency_has_a_line_saying_why_it_is_here() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", text, re.MULTILINE)
    reasons = {name_of(name): why for name, why in rows if name != "package"}
    assert set(reasons) == declared()
    assert all(len(why) > 10 for why in reasons.values())


def test_every_dependency_is_locked_to_one_version_and_the_two_locks_agree() -> None:
    run_time, all_of_it = locked(LOCKS[0]), locked(LOCKS[1])
    assert declared() <= set(all_of_it)
    assert all(re.fullmatch(r"[\w.+]+", version) for version in all_of_it.values())
    assert run_time.items() <= all_of_it.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_packages_and_no_addresses(lock: str) -> None:
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        assert "://" not in line
        assert not re.match(r"\s*-", line), f"an option of pip: {line}"
        assert not re.search(r"(^|[\s(])/\w", line), f"a path of some machine: {line}"


def test_no_source_file_is_too_long_to_be_read_in_one_go() -> None:
    sources = [file for file in (ROOT / "src").rglob("*.py") if "migrations" not in file.parts]
    assert len(sources) > 10
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in sources}
    assert {file for file, length in lengths.items() if length > LONGEST_FILE} == set(LONG_FOR_A_REASON)


def test_every_module_begins_by_saying_what_lives_in_it() -> None:
    for file in (ROOT / "src").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "migrations" in file.parts or not text.strip() or text.startswith('"""'), file


def test_scripts_that_name_their_interpreter_can_be_run() -> None:
    files = [ROOT / "manage.py", *(ROOT / ".ci").iterdir(), *(ROOT / "scripts").iterdir()]
    programs = [file for file in files if file.is_file() and file.read_bytes().startswith(b"#!")]
    assert len(programs) >= 5
    assert [program for program in programs if not program.stat().st_mode & stat.S_IXUSR] == []


def test_every_variable_an_operator_can_set_is_documented() -> None:
    modules = [*(ROOT / "src/paidan/config").rglob("*.py"), *(ROOT / "src/paidan/kit/postgres").rglob("*.py")]
    read = set(re.findall(r'"(PAIDAN_[A-Z_]+|DATABASE_URL)"', "".join(file.read_text() for file in modules)))
    documented = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "SECURITY.md").read_text(), re.MULTILINE))
    assert len(read) > 5
    assert read == documented


@pytest.mark.django_db
def test_no_model_waits_for_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
