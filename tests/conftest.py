"""What the tests share: where the project's fixtures and, beside the checkout, the shared data stand, and stores."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from stores import HEADER

from dedupe.corpus.stores import Store, opened

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

# The same examples on every run: a failure here is a failure everywhere.
settings.register_profile(
    "dedupe", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("dedupe")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data that stands beside some checkouts; a test that needs it skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared data does not stand beside this checkout")
    return SHARED


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own."""
    redis = pytest.importorskip("redis", reason="redis-py is not installed")
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with redis.Redis(port=port) as client:
        for _ in range(200):
            with contextlib.suppress(redis.ConnectionError):
                client.ping()
                break
            assert process.poll() is None, "redis-server ended"
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where no store stands yet."""
    if request.param == "sqlite":
        return str(tmp_path / "news.index")
    return f"{request.getfixturevalue('server')}?name={uuid.uuid4().hex}"


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with contextlib.closing(opened(address, HEADER)) as made:
        yield made
