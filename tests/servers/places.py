"""Where the tests and their servers keep their files."""

from __future__ import annotations

import os
import shutil


def quick_folder(needed: float = 1e9) -> str | None:
    """Memory, where there is enough (bytes) and programs may run there: a server is thousands of files, and each save to
    a database on a disk waits for it. None: where temporary files usually are."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK) or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return None
    return memory if shutil.disk_usage(memory).free > needed else None
