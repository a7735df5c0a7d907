"""The box on MQTT: what it reports is published, what is wished of it is taken. It knows no pixels."""
