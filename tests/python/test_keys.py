"""A server with API keys lets in who has one, and tells others so in the words that the client looks for."""

from uuid import uuid4

import btrdb
import pytest
from btrdb.exceptions import BTrDBError
from conftest import served


@pytest.fixture
def guarded(program, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("the right key\n".replace(" ", "-"))
    with served(program, tmp_path / "data", "--api-keys", keys) as address:
        yield address


@pytest.mark.parametrize("key", [None, "another-key"])
def test_a_wrong_key(guarded, key):
    expected = r"(?s)Could not connect to the database.*StatusCode\.UNAUTHENTICATED.*details = \"invalid api key\""
    with pytest.raises(BTrDBError, match=expected):
        btrdb.connect(guarded, key)


def test_the_right_key(guarded):
    connection = btrdb.connect(guarded, "the-right-key")
    stream = connection.create(uuid4(), "guarded", {"name": "a"})
    assert stream.insert([(1, 1.0)]) == 11
    assert [point.value for point, _ in stream.values(0, 2)] == [1.0]
