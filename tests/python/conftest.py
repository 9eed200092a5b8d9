"""The official Python client, unmodified from PyPI, against a btrdb-local of our own.

BTRDB_LOCAL names the program; by default it is the one that `cargo build` leaves behind. Each run serves a data folder of
its own on a free port and imports the shipped recordings into it.
"""

import os
import subprocess
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import btrdb
import numpy as np
import pyarrow.parquet
import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDING = ROOT / "data" / "undervolc_seismic"
DAY_FILE = RECORDING / "uv05_hhz_day.parquet"
HOURS_FILE = RECORDING / "three_stations_2h.parquet"


class Series:
    """The points of a stream as the file holds them: the truth that the server is held to."""

    def __init__(self, file, column):
        table = pyarrow.parquet.read_table(file, columns=["time", column])
        self.time = table["time"].to_numpy()
        self.value = table[column].to_numpy()

    def between(self, start, end):
        """Times and values with start <= time < end."""
        first, past = np.searchsorted(self.time, [start, end])
        return self.time[first:past], self.value[first:past]


def pytest_report_header():
    return f"official client: btrdb {version('btrdb')}"


@pytest.fixture(scope="session")
def program():
    path = Path(os.environ.get("BTRDB_LOCAL", ROOT / "target" / "debug" / "btrdb-local"))
    assert path.is_file(), f"{path} is missing: run `cargo build -p btrdb-local` or name another in BTRDB_LOCAL"
    return path


@contextmanager
def served(program, folder, *options):
    """host:port of a server of `folder`, which is killed at the end."""
    command = [program, "serve", "--data", folder, "--listen", "127.0.0.1:0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().strip().removeprefix("listening on http://")
            assert address, "the server did not start"
            yield address
        finally:
            server.kill()


@pytest.fixture(scope="session")
def address(program, tmp_path_factory):
    """host:port of a server that holds the recordings."""
    with served(program, tmp_path_factory.mktemp("data")) as address:
        files = [DAY_FILE, HOURS_FILE, "--map", RECORDING / "streams.csv"]
        subprocess.run([program, "import", *files, "--to", address], check=True)
        yield address


@pytest.fixture(scope="session")
def connection(address):
    return btrdb.connect(address)


@pytest.fixture(scope="session")
def day():
    return Series(DAY_FILE, "hhz")


@pytest.fixture(scope="session")
def stream(connection):
    """The stream of the whole day."""
    return connection.streams("seismic/ya/uv05/hhz")[0]


@pytest.fixture
def create(connection):
    """Makes empty streams, each in a collection of its own unless one is given."""

    def create(name="test", collection=None, **more):
        collection = collection or f"test/{uuid4()}"
        return connection.create(uuid4(), collection, {"name": name, "unit": "V"}, **more)

    return create
