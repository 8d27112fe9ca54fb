"""Amounts of money as people read them."""

from decimal import Decimal
from typing import Final

# ISO 4217 currencies of the markets served that do not have two decimals.
_DECIMALS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "IDR": 2, "KWD": 3, "BHD": 3, "TND": 3}


def money(amount_minor: int, currency: str) -> str:
    """Minor units of a currency (ISO 4217) with its decimals: `129.00 CNY`."""
    decimals = _DECIMALS.get(currency, 2)
    return f"{Decimal(amount_minor).scaleb(-decimals):,.{decimals}f} {currency}"
