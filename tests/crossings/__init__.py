"""Every crossing of two services' facts (docs: the table of crossings), in both orders."""
