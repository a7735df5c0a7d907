"""`python -m appliance.cli` is `mofy`."""

from appliance.cli import main

main()
