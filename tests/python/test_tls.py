"""The official client goes to port 4411, and only there, with TLS; BTRDB_CA_BUNDLE names the certificates that it trusts."""

import socket
from uuid import uuid4

import btrdb
import pytest
from conftest import served

TLS_PORT = 4411


@pytest.fixture
def data(program, tmp_path):
    """The data folder of a server with a certificate of its own on the port of TLS."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", TLS_PORT)) == 0:
            pytest.skip(f"another program uses port {TLS_PORT}")
    keys = tmp_path / "keys"
    keys.write_text("the-right-key\n")
    folder = tmp_path / "data"
    options = ["--listen-tls", f"127.0.0.1:{TLS_PORT}", "--tls-self-signed", "--api-keys", keys]
    with served(program, folder, *options):
        yield folder


def test_a_connection_with_tls_and_a_key(data, monkeypatch):
    monkeypatch.setenv("BTRDB_CA_BUNDLE", str(data / "self-signed.crt"))
    for host in ["localhost", "127.0.0.1"]:
        connection = btrdb.connect(f"{host}:{TLS_PORT}", "the-right-key")
        stream = connection.create(uuid4(), f"tls/{host}", {"name": "a"})
        points = [(time, time / 8) for time in range(20_000)]
        assert stream.insert(points) == 11
        assert [(point.time, point.value) for point, _ in stream.values(0, 20_000)] == points
    with pytest.raises(Exception, match="invalid api key"):
        btrdb.connect(f"localhost:{TLS_PORT}", "another-key")


def test_a_certificate_that_nobody_trusts(data, monkeypatch):
    monkeypatch.delenv("BTRDB_CA_BUNDLE", raising=False)
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        btrdb.connect(f"localhost:{TLS_PORT}", "the-right-key")
