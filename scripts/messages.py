#!/usr/bin/env python3
"""The translations: `update` the .po files from the sources, `check` that they are complete, `compile` them to .mo,
`add` translations read from standard input as a JSON object {"English": "中文", "context|English": "中文"}.

Written on Babel, so that no machine needs GNU gettext.
"""

import ast
import fcntl
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "paidan"
CATALOGUES = SOURCES / "locale"
LOCALES = ("zh_Hans",)
HEADER = "# Paidan's words for its users. Licensed as Paidan is. Written by “make messages”; translate what is empty."

SINGULAR = dict.fromkeys(("_", "N_", "gettext", "gettext_lazy", "gettext_noop"))
PLURAL = dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2))
CONTEXT = dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2))
CONTEXT_PLURAL = dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3))
KEYWORDS = {**SINGULAR, **PLURAL, **CONTEXT, **CONTEXT_PLURAL}

# What Django makes of the translation tags of a template: calls with literal arguments amid fillers.
CALL = re.compile(r"\b(?:gettext|ngettext|pgettext|npgettext|_)\((?=\s*u?['\"])")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0 +-]*\d*(?:\.\d+)?[a-zA-Z]|\{\w*(?::[^{}]*)?\}|%%")


class Found(NamedTuple):
    """One message of one source file; `id` is (singular, plural) where there is a plural."""

    file: str
    id: str | tuple[str, str]
    context: str | None


def messages() -> Iterator[Found]:
    """Every message of the sources, files in order."""
    for file in sorted(SOURCES.rglob("*.py")):
        yield from _of_python(file)
    for file in sorted([*SOURCES.rglob("templates/**/*.html"), *SOURCES.rglob("templates/**/*.txt")]):
        yield from _of_template(file)


def template_catalogue() -> Catalog:
    """All messages, without translations; places are files only, for line numbers change with every edit."""
    catalogue = Catalog(project="Paidan", charset="utf-8")
    for found in messages():
        catalogue.add(found.id, locations=[(found.file, None)], context=found.context)
    return catalogue


def problems(catalogue: Catalog, sources: Catalog) -> Iterator[str]:
    """What keeps a catalogue from being complete."""
    for message in sources:
        if message.id and catalogue.get(_key(message), message.context) is None:
            yield f"missing: {message.id!r}"
    for message in catalogue:
        if not message.id:
            continue
        if sources.get(_key(message), message.context) is None:
            yield f"no longer in the sources: {message.id!r}"
        if message.fuzzy:
            yield f"fuzzy: {message.id!r}"
        yield from _faults(message)


def update() -> None:
    """Add new messages, drop old ones, keep every translation."""
    sources = template_catalogue()
    for file in _po_files():
        catalogue = _read(file) if file.exists() else Catalog(locale=file.parent.parent.name, charset="utf-8")
        written = catalogue.creation_date
        catalogue.update(sources, no_fuzzy_matching=True)
        catalogue.creation_date = written
        catalogue.obsolete.clear()
        catalogue.project, catalogue.version, catalogue.fuzzy = "Paidan", "", False
        catalogue.header_comment = HEADER
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as out:
            write_po(out, catalogue, width=120, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
        print(f"{file.relative_to(ROOT)}: {len(catalogue)} messages, {len(list(problems(catalogue, sources)))} to do")


def add() -> None:
    """Bring the .po up to date and fill in what standard input says; several people may do so at once."""
    given: dict[str, str] = json.load(sys.stdin)
    [file] = _po_files()
    with (file.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        update()
        catalogue, left = _read(file), dict(given)
        for message in catalogue:
            key = f"{message.context}|{_key(message)}" if message.context else _key(message)
            if key in left:
                words = left.pop(key)
                message.string = (words,) if isinstance(message.id, tuple) else words
                message.flags.discard("fuzzy")
        with file.open("wb") as out:
            write_po(out, catalogue, width=120, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    for key in left:
        print(f"no such message in the sources: {key!r}")
    compile_all()


def check() -> None:
    """End with an error if any translation is missing, empty, fuzzy, obsolete, or lacks a placeholder."""
    sources, bad = template_catalogue(), 0
    for file in _po_files():
        found = list(problems(_read(file) if file.exists() else Catalog(), sources))
        for problem in found:
            print(f"{file.relative_to(ROOT)}: {problem}")
        bad += len(found)
    if bad:
        sys.exit(f"{bad} problems in the translations; run “make messages” and translate what is empty.")
    print(f"translations: {len(sources)} messages, complete")


def compile_all() -> None:
    """Write the .mo beside each .po."""
    for file in _po_files():
        if file.exists():
            with file.with_suffix(".mo").open("wb") as out:
                write_mo(out, _read(file))


def _of_python(file: Path) -> Iterator[Found]:
    with file.open("rb") as source:
        for _line, found, _comments, context in extract("python", source, keywords=KEYWORDS):
            yield Found(str(file.relative_to(ROOT)), found if isinstance(found, str) else (found[0], found[1]), context)


def _of_template(file: Path) -> Iterator[Found]:
    code = templatize(file.read_text(encoding="utf-8"))
    calls = "\n".join(_calls(code))
    for _line, found, _comments, context in extract("python", io.BytesIO(calls.encode()), keywords=KEYWORDS):
        yield Found(str(file.relative_to(ROOT)), found if isinstance(found, str) else (found[0], found[1]), context)


def _calls(code: str) -> Iterator[str]:
    """The calls amid the fillers: each is the shortest text from its name that Python can parse."""
    for start in CALL.finditer(code):
        for end in re.finditer(r"\)", code[start.end() :]):
            call = code[start.start() : start.end() + end.end()]
            try:
                ast.parse(call)
            except SyntaxError:
                continue
            yield call
            break


def _faults(message: Message) -> Iterator[str]:
    """A translation that is empty, or does not have the placeholders of its original."""
    originals = message.id if isinstance(message.id, tuple) else (message.id,)
    translations = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(translations):
        yield f"not translated: {message.id!r}"
        return
    wanted = [set(PLACEHOLDER.findall(original)) for original in originals]
    for translation in translations:
        if set(PLACEHOLDER.findall(translation)) not in wanted:
            yield f"other placeholders than its original: {translation!r}"


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def _po_files() -> list[Path]:
    return [CATALOGUES / locale / "LC_MESSAGES" / "django.po" for locale in LOCALES]


def _read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.parent.parent.name)


COMMANDS = {"update": update, "add": add, "check": check, "compile": compile_all}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit("usage: messages.py " + "|".join(COMMANDS))
    settings.configure()
    COMMANDS[sys.argv[1]]()
