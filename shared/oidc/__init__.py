"""Tokens of an OpenID Connect issuer, checked with the keys that it publishes and changes."""
