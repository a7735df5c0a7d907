"""`mofy fleet slate`."""

from appliance.cli.fleet._mode import command_of

command = command_of("slate", "No picture at all.")
