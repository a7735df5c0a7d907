"""What one client's queue does to an access unit must not be seen by the others."""

from tests.mofy_process import needs_gstreamer

pytestmark = needs_gstreamer


class Source:
    """An appsrc whose media began playing at `base_ns`."""

    def __init__(self, base_ns: int) -> None:
        self.base_ns = base_ns
        self.pushed = []

    def get_base_time(self):
        return self.base_ns

    def get_property(self, name):
        assert name == "current-level-time"
        return 0

    def emit(self, name, buffer):
        from appliance.gst import gst

        assert name == "push-buffer"
        self.pushed.append(buffer)
        return gst().Gst.FlowReturn.OK


def test_each_client_gets_its_own_time_stamp_and_the_same_bytes():
    from appliance.gst import gst
    from appliance.sinks._audience import Feed

    names = gst().Gst
    unit = names.Buffer.new_allocate(None, 5, None)
    unit.fill(0, b"slice")
    unit.pts = 77
    early, late = Source(1_000), Source(4_000)
    for source in (early, late):
        Feed(source).offer(unit, 10_000)
    assert [source.pushed[0].pts for source in (early, late)] == [9_000, 6_000]
    assert [source.pushed[0].extract_dup(0, 5) for source in (early, late)] == [b"slice"] * 2
    assert unit.pts == 77
