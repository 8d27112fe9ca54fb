"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# How fast an example runs depends on what else the machine does: that is no property of the code.
settings.register_profile(
    "amends", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("amends")
