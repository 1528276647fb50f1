"""Amounts in Chinese texts: read only where they cannot be misread."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.yuan import amount_named


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("罚款12000元", "12000"),
        ("罚款人民币12,000.00元整。", "12000"),
        ("罚款：￥500.50元", "500.5"),
        ("罚款金额为3000元", "3000"),
        ("罚款1.2万元", "12000"),
        ("罚款人民币壹万贰仟元整", "12000"),
        ("罚款伍佰元", "500"),
        ("罚款十五元", "15"),
        ("罚款二十万元", "200000"),
        ("罚款两千元", "2000"),
        ("罚款一万零五十元", "10050"),
        ("罚款一百零五万元", "1050000"),
        ("罚款一亿二千万元", "120000000"),
        ("处五千元罚款", "5000"),
        ("处5000元的罚款", "5000"),
        ("罚款人民币壹万贰仟元整(12000元)", "12000"),
        ("没收违法所得300元；罚款2000元，逾期每日按罚款数额的百分之三加处罚款", "2000"),
        ("处货值金额十倍罚款120000元", "120000"),
    ],
)
def test_the_fine_that_a_text_names_is_read(text: str, yuan: str) -> None:
    assert amount_named("罚款", text, before=True) == Decimal(yuan)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "罚款",
        "罚款若干元",
        "罚款*元",
        "处5000元以上50000元以下罚款",
        "罚款5000元至50000元",
        "罚款3万5千元",
        "罚款三千五元",
        "罚款一万二元",
        "罚款一二三四元",
        "罚款千元",
        "罚款叁佰伍拾元伍角",
        "罚款2000余元",
        "每人罚款200元",
        "每日罚款200元",
        "分别罚款200元",
        "对甲罚款100元，对乙罚款200元",
        "不予罚款500元",
        "加处罚款100元",
        "罚款２０００元",
        "没收违法所得300元",
        "罚款200美元",
    ],
)
def test_what_can_be_read_two_ways_is_not_read(text: str) -> None:
    assert amount_named("罚款", text, before=True) is None
