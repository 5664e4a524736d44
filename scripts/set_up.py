#!/usr/bin/env python3
"""Make .venv and install the locked dependencies; runs on the machine's own Python, so it uses nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NO_VENV = """Python on this machine cannot make virtual environments. Install what it lacks and run this again:
    Debian, Ubuntu:  sudo apt-get install python3-venv
    Fedora:          sudo dnf install python3-pip"""


def main() -> None:
    """Check, create, install."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"Paidan needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}. Try PYTHON=python3.12."
        )
    if not works(PYTHON):
        make_venv()
    print("Installing the locked dependencies (a few minutes the first time) …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--requirement", str(ROOT / "requirements-dev.lock")])
    run([*pip, "--no-deps", "--editable", str(ROOT)])


def make_venv() -> None:
    """Create the environment; as root on Debian, with the package that makes it possible."""
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        install_venv_package()
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def install_venv_package() -> None:
    """Debian keeps venv in a package of its own; root may install it, others are told."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.exit(NO_VENV)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "update", "-q"], env=quiet, check=False)
    if subprocess.run([apt, "install", "-y", "-q", "python3-venv"], env=quiet, check=False).returncode:
        sys.exit(NO_VENV)


def works(python: Path) -> bool:
    """Whether the environment is there and its interpreter too, which an upgrade of the system may have removed."""
    if not python.exists():
        return False
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def run(command: list[str]) -> None:
    """Run and stop at the first failure; its own output has said why."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(f"failed: {' '.join(command)}")


if __name__ == "__main__":
    main()
