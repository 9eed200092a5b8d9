"""The properties of streams through SQL: what the client generates, what its manual shows, and what users add."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import btrdb
import pytest
from btrdb.exceptions import BadSQLValue
from btrdb.stream import StreamSet
from conftest import served

HOSTILE = [
    "delete from streams",
    "drop table streams",
    "update streams set name = 'x'",
    "attach 'x' as x",
    "pragma query_only = off",
    "select load_extension('x')",
    "select * from sqlite_master",
    "select 1; select 2",
    "select * from streams where",
]


@pytest.fixture
def network(create):
    """The collection of three streams of two units."""
    here = f"sql/{uuid4()}"
    annotations = [{"phase": "1", "site": "north"}, {"phase": "2", "note": "it's \"ß∂ƒ\" % _ \\"}, {}]
    for (name, unit), notes in zip([("Volts_A", "V"), ("volts_b", "V"), ("amps", "A")], annotations):
        stream = create(name, here, annotations=notes)
        stream.update(tags={"name": name, "unit": unit})
    return here


def test_lists_that_the_client_generates(connection, network):
    assert sorted(connection.list_unique_names(network)) == ["Volts_A", "amps", "volts_b"]
    assert sorted(connection.list_unique_units(network)) == ["A", "V"]
    assert sorted(connection.list_unique_annotations(network)) == ["note", "phase", "site"]
    assert set(connection.list_unique_names()) >= {"Volts_A", "hhz"}
    assert set(connection.list_unique_annotations()) >= {"note", "description"}
    for of in [connection.list_unique_names, connection.list_unique_units, connection.list_unique_annotations]:
        assert of("sql/of-which-there-is-none") == []


def test_statements_of_the_manual(connection, network):
    def ask(statement, *params):
        return connection.query(statement, list(params))

    assert ask("SELECT COUNT(uuid) FROM streams WHERE collection=$1::text", network) == [{"count": 3}]
    assert ask("SELECT COUNT(uuid) FROM streams")[0]["count"] >= 6
    there = "collection = $1 and "
    assert ask(f"select count(*) from streams where {there} annotations->$2::text IS NOT NULL", network, "phase") == [
        {"count": 2}
    ]
    found = ask(f"select * from streams where {there} (name = $2 or name = $3)", network, "amps", "nothing")
    assert len(found) == 1
    row = found[0]
    assert set(row) >= {"uuid", "collection", "name", "unit", "ingress", "property_version", "annotations"}
    assert (row["collection"], row["name"], row["unit"], row["ingress"]) == (network, "amps", "A", "")
    assert (row["property_version"], row["annotations"]) == (2, {})
    assert str(UUID(row["uuid"])) == row["uuid"]
    seismic = ask("SELECT collection, name FROM streams WHERE collection like 'seismic/ya/uv06'")
    assert seismic == [{"collection": "seismic/ya/uv06", "name": "hhz"}]
    names = ask("SELECT uuid, name, unit from streams WHERE collection LIKE $1 and unit='V'", network + "%")
    assert [sorted(row) for row in names] == [["name", "unit", "uuid"]] * 2


def test_annotations_are_an_hstore(connection, network):
    def ask(expression, name="volts_b"):
        statement = f"select {expression} as it from streams where collection = $1 and name = $2"
        return connection.query(statement, [network, name])[0]["it"]

    note = "it's \"ß∂ƒ\" % _ \\"
    assert ask("annotations") == {"phase": "2", "note": note}
    assert ask("annotations->'note'") == note
    assert ask("annotations->'nothing'") is None
    assert ask("annotations ? 'note'") is True
    assert ask("annotations @> 'phase=>1'") is False
    assert ask("akeys(annotations)") == ["note", "phase"]
    assert ask("(annotations->'phase')::int + 1") == 3
    assert ask("annotations", name="amps") == {}


def test_patterns_groups_and_order(connection, network):
    def names(condition):
        rows = connection.query(f"select name from streams where collection = $1 and {condition} order by name", [network])
        return [row["name"] for row in rows]

    assert names("name like 'volts%'") == ["volts_b"]
    assert names("name ilike 'VOLTS%'") == ["Volts_A", "volts_b"]
    assert names("name like '%\\_%'") == ["Volts_A", "volts_b"]
    assert names("name ~ '^[a-z]+$'") == ["amps"]
    assert names("annotations->'phase' is null") == ["amps"]
    grouped = """
        with mine as (select * from streams where collection = $1)
        select unit, count(*), string_agg(name, ', ' order by name) as names, max(property_version)
        from mine group by unit having count(*) > 1 order by unit
    """
    assert connection.query(grouped, [network]) == [{"unit": "V", "count": 2, "names": "Volts_A, volts_b", "max": 2}]
    pairs = """
        select a.name, b.name as other from streams a join streams b on a.collection = b.collection and a.name < b.name
        where a.collection = $1 and a.unit = b.unit
    """
    assert connection.query(pairs, (network,)) == [{"name": "Volts_A", "other": "volts_b"}]


def test_stream_sets_from_sql(connection, network):
    rows = connection.query("select uuid from streams where collection = $1 and unit = 'V' order by name", [network])
    streams = connection.streams(*[row["uuid"] for row in rows])
    assert isinstance(streams, StreamSet) and [s.name for s in streams] == ["Volts_A", "volts_b"]
    for k, stream in enumerate(streams):
        stream.insert([(time, float(time + k)) for time in range(1, 10)])
    frame = streams.filter(start=1, end=10).to_dataframe()
    assert frame[f"{network}/volts_b"].tolist() == [float(time + 1) for time in range(1, 10)]


def test_sql_follows_every_change(connection, create):
    def found(collection):
        return connection.query("select name, property_version from streams where collection = $1", [collection])

    stream = create("before")
    here = stream.collection
    assert found(here) == [{"name": "before", "property_version": 1}]
    stream.update(tags={"name": "after"})
    assert found(here) == [{"name": "after", "property_version": 2}]
    moved = f"sql/{uuid4()}"
    stream.update(collection=moved)
    assert (found(here), len(found(moved))) == ([], 1)
    stream.obliterate()
    assert found(moved) == []


def test_more_rows_than_one_message_takes(connection, create):
    here = f"sql/{uuid4()}"
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda k: create(f"s{k:04}", here), range(1_200)))
    rows = connection.query("select name from streams where collection = $1 order by name", [here])
    assert [row["name"] for row in rows] == [f"s{k:04}" for k in range(1_200)]


@pytest.mark.parametrize("statement", HOSTILE)
def test_only_one_select_is_taken(connection, statement):
    with pytest.raises(BadSQLValue):
        connection.query(statement)
    assert connection.query("select 1 as one") == [{"one": 1}]


def test_parameters_are_values_and_nothing_else(connection, network):
    statement = "select count(*) from streams where collection = $1"
    assert connection.query(statement, [f"{network}' or '1'='1"]) == [{"count": 0}]
    for wrong in [[], [network, "more"]]:
        with pytest.raises(BadSQLValue):
            connection.query(statement, wrong)


def test_a_key_for_a_prefix_sees_no_other_streams(program, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("everything\nmine prefix=mine/\n")
    with served(program, tmp_path / "data", "--api-keys", keys) as address:
        all_of_it = btrdb.connect(address, "everything")
        for collection in ["mine/a", "theirs/a"]:
            all_of_it.create(uuid4(), collection, {"name": "x"})
        mine = btrdb.connect(address, "mine")
        for statement in [
            "select collection from streams",
            "select collection from streams union select collection from public.streams",
            "with streams as (select * from streams) select collection from streams where true or name = 'x'",
        ]:
            assert len(all_of_it.query(statement)) == 2
            assert mine.query(statement) == [{"collection": "mine/a"}]
