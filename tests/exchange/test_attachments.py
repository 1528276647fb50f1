"""Where a record itself names its attachments."""

from __future__ import annotations

from app.exchange.attachments import places_of
from tests.api.attaching import attachment, pdf


def test_each_attachment_of_a_record_is_told_where_it_stands() -> None:
    first, second = attachment(pdf()), attachment(pdf(seed="second"))
    record = {
        "digest": "of something else",
        "opinion": {"attachment": second},
        "materials": [{"kind": "case_file", "attachment": first}, {"kind": "list"}, {"attachment": first}],
    }

    found = {digest: list(places) for digest, places in places_of(record).items()}

    assert found == {
        first["digest"]: ["/materials/0/attachment", "/materials/2/attachment"],
        second["digest"]: ["/opinion/attachment"],
    }
