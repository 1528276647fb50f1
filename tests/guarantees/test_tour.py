"""The tour goes through the whole story by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.settings import CHECKOUT


def test_the_tour_ends_well_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environ = dict(os.environ) | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(CHECKOUT), "LANG": "C"}

    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", "tour"], env=environ, capture_output=True, check=False, timeout=120
    )

    told = done.stdout.decode("utf-8")
    assert done.returncode == 0, done.stderr.decode("utf-8")
    for chapter in ("1 令牌", "2 导入", "3 报送", "4 再报", "5 报送事件", "6 关键节点", "7 检察院拉取"):
        assert chapter in told
    assert "check-digit" in told
    assert "10-10(周六)上班" in told
    assert list(tmp_path.iterdir()) == []
