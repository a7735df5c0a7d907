"""`mofy fleet cover-everyone`."""

from appliance.cli.fleet._mode import command_of

command = command_of("cover-everyone", "Show nobody, whoever is enrolled.")
