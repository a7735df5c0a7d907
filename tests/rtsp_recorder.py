"""`python -m tests.rtsp_recorder PORT FILE.ts`: an RTSP server that takes a stream and keeps it."""

from __future__ import annotations

import sys

from appliance.gst import gst


def main() -> None:
    """Serve until killed."""
    names, (port, path) = gst(), sys.argv[1:]
    lib = names.GstRtspServer
    server = lib.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = lib.RTSPMediaFactory()
    factory.set_transport_mode(lib.RTSPTransportMode.RECORD)
    factory.set_launch(
        "( rtpmp4adepay name=depay0 ! aacparse ! mux. rtph264depay name=depay1 ! h264parse ! mux. "
        f"mpegtsmux name=mux ! filesink location={path} buffer-mode=unbuffered )"
    )
    server.get_mount_points().add_factory("/in/streamkey", factory)
    server.attach(None)
    names.GLib.MainLoop().run()


if __name__ == "__main__":
    main()
