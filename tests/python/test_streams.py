"""Finding, making, renaming and removing streams."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4, uuid5

import pytest
from btrdb.exceptions import (
    AmbiguousStream,
    BTRDBServerError,
    InvalidCollection,
    InvalidTagKey,
    InvalidTagValue,
    RecycledUUID,
    StreamExists,
    StreamNotFoundError,
)
from points import raw

STATIONS = ["uv05", "uv06", "uv10"]

# Imported streams are found again by their name: docs/import.md gives the rule.
NAMESPACE = UUID("5124c68c-d3df-5a87-acf4-d207eb1050db")


def test_collections(connection):
    assert connection.list_collections("seismic") == [f"seismic/ya/{station}" for station in STATIONS]
    assert connection.list_collections("seismic/ya/uv1") == ["seismic/ya/uv10"]
    assert set(connection.list_collections()) >= set(connection.list_collections("seismic"))
    assert connection.list_collections("Seismic") == []


def test_streams_by_name_and_by_uuid(connection, stream):
    assert stream.uuid == uuid5(NAMESPACE, "seismic/ya/uv05/hhz")
    assert (stream.collection, stream.name, stream.unit) == ("seismic/ya/uv05", "hhz", "count")
    assert stream.tags() == {"name": "hhz", "unit": "count", "ingress": "", "distiller": ""}
    same = connection.stream_from_uuid(str(stream.uuid))
    assert same.exists() and same.tags() == stream.tags()
    annotations, version = same.annotations()
    assert annotations["description"].startswith("Vertical ground velocity at station UV05") and version == 1


def test_lookups(connection, create):
    def found(*collection, **more):
        return sorted(f"{s.collection}/{s.name}" for s in connection.streams_in_collection(*collection, **more))

    everything = [f"seismic/ya/{station}/hhz" for station in STATIONS]
    assert found("seismic") == found("seismic/ya/uv") == everything
    assert found("seismic", is_collection_prefix=False) == []
    assert found("seismic/ya/uv06", is_collection_prefix=False) == ["seismic/ya/uv06/hhz"]
    assert found("seismic", tags={"name": "hhz", "unit": "count"}) == everything
    assert found("seismic", tags={"unit": "volt"}) == []
    assert set(found()) >= set(everything)
    here = f"lookup/{uuid4()}"
    create("a", here, annotations={"phase": "1", "site": "north"})
    create("b", here, annotations={"phase": "2"})
    create("c", f"{here}/deeper")
    assert found(here) == [f"{here}/a", f"{here}/b", f"{here}/deeper/c"]
    assert found(here, annotations={"phase": "2"}) == [f"{here}/b"]
    assert found(here, annotations={"phase": None}) == [f"{here}/a", f"{here}/b"]
    assert found(here, annotations={"phase": "1", "site": "south"}) == []


def test_create_and_its_refusals(connection, create):
    collection = f"create/{uuid4()}/[brackets] - and spaces/"
    stream = create("volts", collection, annotations={"note": "ß∂ƒ"})
    assert stream.exists() and collection in connection.list_collections("create/")
    assert connection.stream_from_uuid(stream.uuid).annotations() == ({"note": "ß∂ƒ"}, 1)
    with pytest.raises(StreamExists, match=f"a stream already exists with uuid {stream.uuid}"):
        connection.create(stream.uuid, "elsewhere", {"name": "volts"})
    with pytest.raises(AmbiguousStream):
        create("volts", collection)
    with pytest.raises(InvalidTagKey):
        connection.create(uuid4(), collection, {"name": "x", "colour": "red"})
    for bad in ["", "x" * 257]:
        with pytest.raises(InvalidCollection):
            connection.create(uuid4(), bad, {"name": "x"})


def test_metadata_can_be_changed(connection, create):
    stream = create("old", annotations={"keep": "1", "drop": "x"})
    collection = f"moved/{uuid4()}"
    stream.update(tags={"name": "new", "unit": "A"}, collection=collection)
    stream.update(annotations={"keep": 1, "added": {"deep": [1, 2]}}, replace=True)
    again = connection.stream_from_uuid(stream.uuid)
    assert (again.collection, again.name, again.unit) == (collection, "new", "A")
    assert again.annotations() == ({"keep": 1, "added": {"deep": [1, 2]}}, 3)
    assert again.version() == 10, "metadata has a version of its own"


def test_annotations_come_back_as_they_were_set(connection, create):
    stream = create("noted")

    def again():
        return connection.stream_from_uuid(stream.uuid).annotations()

    assert again() == ({}, 1)
    notes = {
        "text": "plain",
        "number": 60,
        "real": 0.1,
        "flag": True,
        "nothing": None,
        "deep": {"list": [1, {"two": None}], "empty": {}},
        "long": "x" * 60_000,
        "a.b_c9": "",
    }
    assert stream.update(annotations=notes) == 2
    assert again() == (notes, 2)
    assert stream.update(annotations={"number": 50, "new": [1]}) == 3
    notes |= {"number": 50, "new": [1]}
    assert again() == (notes, 3), "what is not named stays"
    assert stream.update(annotations={"number": 1}, replace=True) == 4
    assert again() == ({"number": 1}, 4)
    # The client's own encoder escapes such text and does not undo it.
    raw_text = "it's \"ß∂ƒ\" %_\\\n"
    assert stream.update(annotations={"number": raw_text}, encoder=None) == 5
    assert again() == ({"number": raw_text}, 5)
    assert stream.update(annotations={}, replace=True) == 6
    assert again() == ({}, 6)
    for key in ["Upper", "with space", "1st", "x" * 64, ""]:
        with pytest.raises(InvalidTagKey):
            stream.update(annotations={key: "x"})
    with pytest.raises(InvalidTagValue):
        stream.update(annotations={"long": "x" * 65_537})
    assert again() == ({}, 6), "a refused update changes nothing"


def test_an_update_of_properties_that_changed_meanwhile_is_refused(connection, create):
    mine = connection.stream_from_uuid(create("shared").uuid)
    theirs = connection.stream_from_uuid(mine.uuid)
    mine.refresh_metadata(), theirs.refresh_metadata()
    theirs.update(annotations={"by": "them"})
    with pytest.raises(BTRDBServerError, match="property version 2, not the expected 1"):
        mine.update(annotations={"by": "me"})
    mine.refresh_metadata()
    mine.update(annotations={"by": "me"})
    assert connection.stream_from_uuid(mine.uuid).annotations() == ({"by": "me"}, 3)


def test_usage_of_keys(connection, create):
    here = f"usage/{uuid4()}"
    create("a", here, annotations={"phase": "1"})
    create("b", here, annotations={"phase": "2", "site": "north"})
    usage = connection.collection_metadata(here)
    assert set(usage[0]) == {"name", "unit", "ingress", "distiller"}
    assert usage[1] == {"phase": 2, "site": 1}


def test_an_obliterated_stream_is_gone_for_good(connection, create):
    stream = create("gone")
    stream.insert([(1, 1.0)])
    uuid, collection = stream.uuid, stream.collection
    stream.obliterate()
    assert not connection.stream_from_uuid(uuid).exists()
    assert collection not in connection.list_collections()
    with pytest.raises(StreamNotFoundError):
        raw(stream)
    with pytest.raises(RecycledUUID):
        connection.create(uuid, collection, {"name": "gone"})
    assert create("gone", collection).exists(), "its name is free again"


def test_ten_threads_at_once(create):
    streams = [create(f"s{k}", f"threads/{uuid4()}") for k in range(10)]

    def work(stream):
        for batch in range(20):
            stream.insert([(batch * 100 + k, float(k)) for k in range(100)])
        return raw(stream)

    with ThreadPoolExecutor(10) as pool:
        expected = [(time, float(time % 100)) for time in range(2000)]
        assert list(pool.map(work, streams)) == [expected] * 10
