"""What holds for all tests."""

import signal

from hypothesis import HealthCheck, settings

from tests.support.bus import close_server

pytest_plugins = ["tests.support.broker", "tests.support.databases"]

# How fast an example runs depends on what else the machine does: that is no property of the code.
settings.register_profile(
    "amends", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("amends")

# What a script starts in the background ignores Ctrl-C, and so would every process it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure() -> None:
    """The end of a test process is that of its servers."""
    close_server()
