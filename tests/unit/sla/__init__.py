"""The rules of clocks, told as stories about one complaint."""
