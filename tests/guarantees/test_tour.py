"""The tour goes through the whole story by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.settings import CHECKOUT

CHAPTERS = (
    *("1 令牌", "2 导入", "3 报送", "4 再报", "5 报送事件", "6 关键节点", "7 检察院拉取"),
    *("8 移送涉嫌犯罪", "9 公安机关审查", "10 立案监督", "11 督查室看全程"),
    *("12 公益诉讼线索", "13 分级披露", "14 检察建议"),
)


def test_the_tour_ends_well_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environ = dict(os.environ) | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(CHECKOUT), "LANG": "C"}

    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", "tour"], env=environ, capture_output=True, check=False, timeout=120
    )

    told = done.stdout.decode("utf-8")
    assert done.returncode == 0, done.stderr.decode("utf-8")
    places = [told.find(f"\n{chapter}") for chapter in CHAPTERS]
    assert -1 not in places
    assert places == sorted(places)
    assert "check-digit" in told
    assert "10-10(周六)上班" in told
    assert list(tmp_path.iterdir()) == []
    _the_case_is_seen_whole(told[places[7] : places[11]])
    _the_informant_stays_unseen(told[places[11] :])


def _the_case_is_seen_whole(told: str) -> None:
    lines = told.splitlines()
    # The transfer stops the penalty's clock, the refusal starts it, the filing stops it again.
    assert any(line.endswith("penalty_decided  paused  至 —") for line in lines)
    clock = [line.strip() for line in lines if "  平台 system  " in line]
    assert [line[:10] for line in clock] == ["2026-09-23", "2026-10-12", "2026-11-06"]
    assert any("拒" in line and "403 not-your-step" in line for line in lines)
    # Three days from Tuesday 29 September end in the holiday: with Thursday 8 October.
    assert "  立案或不予立案  done_late 至 2026-10-08T23:59:59+08:00" in lines
    assert "2026-09-29 补正,当日不计;3 日;末日 10-02(周五)休息,顺延;至 2026-10-08。" in told
    assert "依据 国务院令第310号(2020修订) 第八条" in told
    assert "  2026-11-06 公安机关立案。待办：武汉市公安局（演示）通知移送机关，规定未定天数。" in lines
    assert lines[lines.index("  逾期 · Late") + 1 :][:3] == [
        "  行政机关 agency：补正，至迟 2026-09-28，逾期完成 done late 2026-09-29",
        "  公安机关 police：立案或不予立案，至迟 2026-10-08，逾期完成 done late 2026-10-12",
        "  检察院 procuratorate：无 none",
    ]


def _the_informant_stays_unseen(told: str) -> None:
    lines = told.splitlines()
    assert any("404" in line for line in lines)
    assert [line.count("某某甲") for line in lines if line.startswith("  武汉市市场监督管理局（演示）  ***")] == [0]
    assert any(line.startswith("  武汉市人民检察院（演示）  某某甲  某某甲反映") for line in lines)
    # Ten working days after Monday 21 September: 22 to 24, 28 to 30, 8 and 9 October, make-up 10, 12.
    assert "  向提供线索单位反馈  done_late 至 2026-10-12T23:59:59+08:00" in lines
    # Fifteen days after Monday 12 October.
    assert any(line.endswith("至 2026-10-27T23:59:59+08:00") for line in lines)
    # A month after Friday 13 November: Sunday 13 December; Monday 14.
    assert any(line.endswith("至 2026-12-14T23:59:59+08:00") for line in lines)
