"""How a command starts and ends: quickly, quietly, with an exit code that means something."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

LIGHT = [["--help"], ["order", "--help"], ["address", "上海市浦东新区"], ["--version"]]


def paidan(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PAIDAN_LANG": "en", **environment}
    command = [sys.executable, "-c", "from paidan.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=120, check=False)


@pytest.mark.parametrize("arguments", LIGHT)
def test_light_commands_load_no_django_and_no_engine(arguments):
    program = (
        "import sys; from paidan.cli.main import run; code = run(sys.argv[1:]);"
        "print([m for m in ('django', 'psycopg', 'numba', 'polars') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("[]")


def test_help_appears_before_one_grows_impatient():
    took = []
    for _run in range(3):
        started = time.perf_counter()
        paidan("--help")
        took.append(time.perf_counter() - started)
    # The best of three: a busy machine is not the program's fault.
    assert min(took) < 2


def test_without_a_command_the_help_page_is_the_answer():
    done = paidan()
    assert "explain" in done.stdout
    assert done.stderr == ""
    assert done.returncode == 2


def test_a_command_that_does_not_exist_is_wrong_use():
    done = paidan("odrer")
    assert done.returncode == 2
    assert "odrer" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_option_that_does_not_exist_is_wrong_use():
    done = paidan("address", "--colour", "x")
    assert done.returncode == 2
    assert "There is no option --colour." in done.stderr


def test_a_missing_argument_is_wrong_use_and_is_named():
    done = paidan("explain")
    assert done.returncode == 2
    assert "ORDER is missing." in done.stderr


def test_an_error_is_json_where_json_was_asked_for():
    done = paidan("order", "list", "--json", "--limit", "many")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"


def test_a_database_that_cannot_be_reached_ends_with_3_and_one_sentence():
    done = paidan("order", "list", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_wrong_database_address_ends_with_3_and_says_how_it_should_look():
    done = paidan("order", "list", DATABASE_URL="mysql://x")
    assert done.returncode == 3
    assert "postgres://" in done.stderr


def test_debug_shows_where_it_failed():
    done = paidan("--debug", "order", "list", DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 3
    assert "Traceback" in done.stderr


def test_a_reader_that_leaves_early_is_no_error():
    program = "from paidan.cli.main import main; main()"
    texts = "上海市浦东新区\n" * 20_000
    command = [sys.executable, "-c", program, "address", "-", "--json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        running.stdout.close()
        try:
            running.stdin.write(texts)
            running.stdin.close()
        except BrokenPipeError:
            pass
        assert running.wait(timeout=60) == 0
        assert running.stderr.read() == ""


def test_ctrl_c_ends_a_command_without_a_traceback():
    command = [sys.executable, "-c", "from paidan.cli.main import main; main()", "address", "-", "--json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as running:
        running.stdin.write("上海市浦东新区\n" * 200)
        running.stdin.flush()
        running.stdout.read(1)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 130
        assert "Traceback" not in running.stderr.read()


def test_output_in_a_pipe_has_no_colours():
    assert "\x1b" not in paidan("address", "上海市浦东新区").stdout


def test_chinese_help_is_never_cut_short():
    assert "…" not in paidan("--help", PAIDAN_LANG="zh-Hans", COLUMNS="70").stdout


@pytest.mark.parametrize(("language", "sentence"), [("en", "must be a whole number"), ("zh-Hans", "要是整数")])
def test_the_parsers_own_complaints_speak_the_readers_language(language, sentence):
    assert sentence in paidan("stock", "list", "--limit", "x", PAIDAN_LANG=language).stderr
