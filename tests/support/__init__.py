"""Fakes and harnesses shared by the tests."""
