"""The box in the field: into a known Wi-Fi or a cable where there is one, else a Wi-Fi of its own.

`policy` decides and knows no machine; `nmcli` is the only file that speaks to NetworkManager; `keeper` is the service.
Page and command line write wishes into the runtime folder, and read the report that the service leaves there.
"""
