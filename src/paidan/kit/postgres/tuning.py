"""Server settings that suit the machine: careful on a small laptop, roomy on a server, durable unless told not to."""

import os
import shutil
from pathlib import Path

MIB = 1024 * 1024
GIB = 1024 * MIB
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
# Docker gives 64 MiB of /dev/shm, which one parallel query can fill.
SHARED_MEMORY_WANTED = 512 * MIB

ALWAYS = {
    # No network at all: the socket folder is the only door.
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "cluster_name": "paidan",
    "max_connections": "200",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "wal_buffers": "16MB",
    # Our statements are short; compiling them costs more than it saves.
    "jit": "off",
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # Shown to whoever waits for a recovery.
    "log_startup_progress_interval": "2s",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# For data that may be lost with the machine: tests.
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "checkpoint_timeout": "1h"}


def server_settings(folder: Path, *, durable: bool) -> dict[str, str]:
    """All settings for a server whose data lie in `folder`."""
    return {**ALWAYS, **_memory(), **_disk(folder), **(DURABLE if durable else FLEETING)}


def _memory() -> dict[str, str]:
    memory = memory_bytes()
    shared = max(64 * MIB, min(memory // 8, GIB))
    return {
        "shared_buffers": f"{shared // MIB}MB",
        "effective_cache_size": f"{memory // 2 // MIB}MB",
        "maintenance_work_mem": f"{max(64 * MIB, min(memory // 32, 512 * MIB)) // MIB}MB",
        "dynamic_shared_memory_type": "posix" if _has_shared_memory() else "mmap",
    }


def _disk(folder: Path) -> dict[str, str]:
    """Room for the log between checkpoints: 4 GiB, less on a disk that is nearly full."""
    free = shutil.disk_usage(folder).free
    most = max(GIB, min(free // 10, 4 * GIB))
    return {"max_wal_size": f"{most // MIB}MB", "min_wal_size": "256MB"}


def memory_bytes() -> int:
    """The memory we may use: the machine's, or the container's where that is less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *filter(None, map(_limit, CGROUP_LIMITS))])


def _limit(file: str) -> int | None:
    try:
        text = Path(file).read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _has_shared_memory() -> bool:
    """Only Linux has /dev/shm to be too small; elsewhere the question does not arise."""
    shm = Path("/dev/shm")
    return not shm.is_dir() or shutil.disk_usage(shm).total >= SHARED_MEMORY_WANTED
