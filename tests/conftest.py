"""Asserts in the helpers explain themselves like those in tests; a run shows its progress."""

import pytest

pytest.register_assert_rewrite('tests.lib')


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Once the terminal is there."""
    # here, for asserts in the helpers are rewritten from now on
    from tests.lib import progress  # pylint: disable=import-outside-toplevel
    progress.install(config)
