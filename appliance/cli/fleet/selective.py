"""`mofy fleet selective`."""

from appliance.cli.fleet._mode import command_of

command = command_of("selective", "Show who is enrolled again.")
