"""What the tests share: where the project's fixtures and, beside the checkout, the shared data stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
