"""The same by a store that speaks S3: a real one, on this machine."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import obstore
import pytest

from app.exchange.bucket import Bucket, BucketUnusable, BucketVault, store_of
from app.exchange.vault import key_of
from tests.api.attaching import digest_of, naming, pdf, place, put, raw
from tests.api.promises import told, trail
from tests.conftest import Service
from tests.object_store import object_store

SEVERAL_PARTS = 2 * 8 * 1024 * 1024 + 17
"""A size that is sent to the store in several parts."""


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """A bucket in a store of its own."""
    with object_store(tmp_path_factory.mktemp("store")) as made:
        yield made


@pytest.fixture
def stored(service: Service, bucket: Bucket, tmp_path: Path) -> Service:
    """The service with its attachments in the bucket."""
    service.app.state.shop = replace(service.shop, vault=BucketVault.opened(bucket, tmp_path / "spool"))
    return service


def objects(bucket: Bucket, digest: str) -> list[int]:
    """The sizes of the objects under a digest."""
    folder, rest = key_of(digest)
    found = obstore.list(store_of(bucket), prefix=folder).collect()
    return [one["size"] for one in found if one["path"] == f"{folder}/{rest}"]


async def test_a_file_of_several_parts_comes_back_as_it_was_sent_and_leaves_nothing_on_the_way(
    stored: Service, bucket: Bucket, tmp_path: Path
) -> None:
    content = pdf(SEVERAL_PARTS, "parts")
    held, agency = await naming(stored, content), await stored.client("market-city")
    missing = await agency.get(place(held, content))

    first = await put(agency, held, content)
    again = await put(agency, held, content)
    read = await (await stored.client("procuratorate-city")).get(place(held, content))

    assert told(missing) == (404, "attachment-not-sent", ())
    assert (first.status_code, again.status_code) == (201, 200)
    assert (read.status_code, read.content == content) == (200, True)
    assert objects(bucket, digest_of(content)) == [len(content)]
    assert list((tmp_path / "spool").iterdir()) == []
    assert not (tmp_path / "attachments").exists()


async def test_thirty_two_at_once_send_the_same_to_the_store_and_it_lies_there_once(
    stored: Service, bucket: Bucket
) -> None:
    content = pdf(300_000, "at once")
    held, agency = await naming(stored, content), await stored.client("market-city")

    answers = await asyncio.gather(*(put(agency, held, content) for _ in range(32)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 31}
    assert objects(bucket, digest_of(content)) == [len(content)]
    assert (await agency.get(place(held, content))).content == content


async def test_what_is_not_what_was_named_never_reaches_the_store(stored: Service, bucket: Bucket) -> None:
    content = pdf(seed="never")
    held, agency = await naming(stored, content), await stored.client("market-city")

    answers = [await put(agency, held, content, sent) for sent in (content[:-1], content[:-1] + b"?")]

    assert [told(answer)[1] for answer in answers] == ["size-differs", "digest-differs"]
    assert objects(bucket, digest_of(content)) == []


async def test_what_was_damaged_or_lost_in_the_store_is_refused_and_healed_by_sending_it_again(
    stored: Service, bucket: Bucket
) -> None:
    content = pdf(seed="damaged")
    held, agency = await naming(stored, content), await stored.client("market-city")
    await put(agency, held, content)
    store, key = store_of(bucket), "/".join(key_of(digest_of(content)))
    await obstore.put_async(store, key, content[:-1] + b"?")
    damaged = await agency.get(place(held, content))
    await obstore.delete_async(store, key)

    lost = await agency.get(place(held, content))
    healed = await put(agency, held, content)

    assert [(one.status_code, one.json()["code"]) for one in (damaged, lost)] == [(500, "attachment-damaged")] * 2
    assert healed.status_code == 200
    assert (await agency.get(place(held, content))).content == content


async def test_of_a_large_file_that_was_damaged_in_the_store_nobody_gets_the_whole(
    stored: Service, bucket: Bucket
) -> None:
    content = pdf(SEVERAL_PARTS, "large and damaged")
    held, agency = await naming(stored, content), await stored.client("market-city")
    await put(agency, held, content)
    await obstore.put_async(store_of(bucket), "/".join(key_of(digest_of(content))), content[:-1] + b"?")

    start, *pieces = await raw(stored, agency, "GET", place(held, content))

    assert start["status"] == 200
    assert sum(len(piece["body"]) for piece in pieces) < len(content)
    assert all(piece["more_body"] for piece in pieces)
    assert [row["outcome"] for row in await trail(stored)][-1] == "attachment-damaged"


async def test_a_store_that_does_not_answer_is_a_refusal_to_be_tried_again_and_nothing_is_noted_as_kept(
    service: Service, tmp_path: Path
) -> None:
    nobody = Bucket("http://127.0.0.1:9", "attachments", "wuhan", "clerk", "secret")
    service.app.state.shop = replace(service.shop, vault=BucketVault.opened(nobody, tmp_path / "spool"))
    content = pdf(seed="silent")
    held, agency = await naming(service, content), await service.client("market-city")

    answer = await put(agency, held, content)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "127.0.0.1:9" not in answer.text
    assert [one["held"] for one in (await held.read("/attachments"))["items"]] == [False]
    assert list((tmp_path / "spool").iterdir()) == []


async def test_neither_the_environment_nor_a_proxy_in_it_has_a_say_in_how_the_store_is_reached(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "somebody-elses")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    vault = BucketVault.opened(bucket, tmp_path)
    file = tmp_path / "content"
    file.write_bytes(pdf())

    await vault.put(digest_of(pdf()), file)

    assert b"".join([piece async for piece in vault.read(digest_of(pdf()))]) == pdf()


async def test_wrong_keys_and_a_bucket_that_is_not_there_are_told_at_the_start_without_the_secret(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = {
        "secret": replace(bucket, secret_key="another-secret"),
        "key": replace(bucket, access_key="nobody"),
        "bucket": replace(bucket, name="not-there"),
    }
    await BucketVault.opened(bucket, tmp_path).probe()

    for name, one in wrong.items():
        with pytest.raises(BucketUnusable) as refused:
            await BucketVault.opened(one, tmp_path).probe()
        assert "LIANDONG_S3_BUCKET" in str(refused.value), name
        assert "对象存储" in str(refused.value), name
        assert one.secret_key not in str(refused.value), name

    assert bucket.secret_key not in caplog.text + "".join(capsys.readouterr())
    assert bucket.secret_key not in repr(bucket) + repr(BucketVault.opened(bucket, tmp_path))


async def test_a_store_that_is_silent_at_the_start_does_not_keep_the_service_from_starting(tmp_path: Path) -> None:
    nobody = Bucket("http://127.0.0.1:9", "attachments", "wuhan", "clerk", "secret")

    await BucketVault.opened(nobody, tmp_path).probe()
