"""The phone page. Nothing of it is here yet: people are enrolled with `mofy people`."""
