"""What a merchant must not do, and how it is found."""
