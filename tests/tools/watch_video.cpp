// SPDX-License-Identifier: LGPL-2.1-or-later
/// watch-video: plays one source and tells, a line of JSON each, what comes out of it.
///
///   watch-video "kvmsrc device=/dev/video0" [CAPS]
///
/// It prints   {"at_ms":...,"is":"caps","text":...}, and likewise "frame" (pts_ms, bytes, dmabuf,
///             wall_age_ms, sum, luma, stamp_age_ms), "signal", "state", "stats", "saved", "error"
/// It takes    on standard input: hold N (keep the newest N frames), slow MS (be that late for
/// each),
///             save FILE (the next frame's bytes), stats, pause, play, quit
///
/// Errors   exit status 1 when the pipeline cannot be made or reports an error
#include "lib/virtual/stamp.h"

#include <atomic>
#include <cstdio>
#include <deque>
#include <fstream>
#include <gst/allocators/gstdmabuf.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <iostream>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace
{

double now_ms()
{
    return double(g_get_monotonic_time()) / 1000;
}

/// Prints one object, given without its braces, with the time since the start.
void print(const std::string &fields)
{
    static std::mutex mutex;
    static const double start = now_ms();
    std::lock_guard lock{mutex};
    std::printf("{\"at_ms\":%.1f,%s}\n", now_ms() - start, fields.c_str());
    std::fflush(stdout);
}

std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : text)
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else
            out += c == '\n' ? ' ' : c;
    return out + '"';
}

/// What the frame handler and the command reader share.
struct Orders {
    std::atomic<unsigned> hold = 0;
    std::atomic<unsigned> slow_ms = 0;
    std::mutex mutex;
    std::string save;
};
Orders orders;

/// Where luma sample x of the first row lies, and how far the rows are apart.
struct Luma {
    size_t first = 0, step = 1, stride = 0;
};

std::optional<Luma> luma_of(const GstVideoFrame &f)
{
    if (!GST_VIDEO_INFO_IS_YUV(&f.info))
        return {};
    return Luma{size_t(GST_VIDEO_FRAME_COMP_POFFSET(&f, 0)),
                size_t(GST_VIDEO_FRAME_COMP_PSTRIDE(&f, 0)),
                size_t(GST_VIDEO_FRAME_COMP_STRIDE(&f, 0))};
}

/// Mean luma of a ninth of the pixels, and the age of a stamp if there is one; in JSON.
std::string seen_in(GstSample *sample)
{
    GstVideoInfo info;
    GstVideoFrame frame;
    GstCaps *caps = gst_sample_get_caps(sample);
    if (!gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-raw") ||
        !gst_video_info_from_caps(&info, caps) ||
        !gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ))
        return "";
    std::string seen;
    if (const auto luma = luma_of(frame)) {
        const auto *data = static_cast<uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0));
        const auto width = size_t(info.width), height = size_t(info.height);
        uint64_t sum = 0;
        size_t n = 0;
        for (size_t y = 0; y < height; y += 3)
            for (size_t x = y % 3; x < width; x += 3, ++n)
                sum += data[y * luma->stride + x * luma->step + luma->first];
        seen += ",\"luma\":" + std::to_string(double(sum) / double(n));
        namespace stamp = panto::stamp;
        if (width >= stamp::kWidth && height >= stamp::kHeight) {
            std::vector<uint8_t> rows(stamp::kWidth * stamp::kHeight);
            for (size_t y = 0; y < stamp::kHeight; ++y)
                for (size_t x = 0; x < stamp::kWidth; ++x)
                    rows[y * stamp::kWidth + x] =
                        data[y * luma->stride + x * luma->step + luma->first];
            if (const auto value = stamp::read(rows.data(), stamp::kWidth))
                seen += ",\"stamp_age_ms\":" + std::to_string((stamp::now() - *value) / 10.0);
        }
    }
    gst_video_frame_unmap(&frame);
    return seen;
}

/// Tells one picture from another; of every 61st byte.
uint32_t sum_of(GstBuffer *buffer)
{
    GstMapInfo map;
    uint32_t sum = 2166136261u; // FNV-1a
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return 0;
    for (size_t i = 0; i < map.size; i += 61)
        sum = (sum ^ map.data[i]) * 16777619u;
    gst_buffer_unmap(buffer, &map);
    return sum;
}

std::string told(GstSample *sample)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    std::ostringstream line;
    line << "\"is\":\"frame\",\"pts_ms\":" << double(GST_BUFFER_PTS(buffer)) / 1e6
         << ",\"bytes\":" << gst_buffer_get_size(buffer) << ",\"sum\":" << sum_of(buffer)
         << ",\"dmabuf\":"
         << (gst_is_dmabuf_memory(gst_buffer_peek_memory(buffer, 0)) ? "true" : "false");
    if (const auto *meta = gst_buffer_get_reference_timestamp_meta(buffer, nullptr))
        line << ",\"wall_age_ms\":"
             << double(g_get_real_time()) / 1e3 - double(meta->timestamp) / 1e6;
    line << seen_in(sample);
    return line.str();
}

GstFlowReturn on_sample(GstAppSink *sink, gpointer)
{
    static std::deque<GstSample *> held;
    static std::string caps;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    gchar *text = gst_caps_to_string(gst_sample_get_caps(sample));
    if (caps != text)
        print("\"is\":\"caps\",\"text\":" + quoted(caps = text));
    g_free(text);
    print(told(sample));
    {
        std::lock_guard lock{orders.mutex};
        GstMapInfo map;
        GstBuffer *buffer = gst_sample_get_buffer(sample);
        if (!orders.save.empty() && gst_buffer_map(buffer, &map, GST_MAP_READ)) {
            std::ofstream{orders.save, std::ios::binary}.write(
                reinterpret_cast<const char *>(map.data), std::streamsize(map.size));
            gst_buffer_unmap(buffer, &map);
            print("\"is\":\"saved\",\"file\":" + quoted(std::exchange(orders.save, "")));
        }
    }
    held.push_back(sample);
    while (held.size() > orders.hold) {
        gst_sample_unref(held.front());
        held.pop_front();
    }
    if (const unsigned late = orders.slow_ms)
        g_usleep(late * 1000ul);
    return GST_FLOW_OK;
}

void set_state(GstElement *pipeline, GstState state)
{
    const double before = now_ms();
    const auto how = gst_element_set_state(pipeline, state);
    print("\"is\":\"state\",\"to\":" + quoted(gst_element_state_get_name(state)) +
          ",\"took_ms\":" + std::to_string(now_ms() - before) +
          ",\"failed\":" + (how == GST_STATE_CHANGE_FAILURE ? "true" : "false"));
}

void print_stats(GstElement *source)
{
    GstStructure *stats = nullptr;
    g_object_get(source, "stats", &stats, nullptr);
    std::string line = "\"is\":\"stats\"";
    for (int i = 0; stats && i < gst_structure_n_fields(stats); ++i) {
        const char *name = gst_structure_nth_field_name(stats, guint(i));
        guint64 value = 0;
        gst_structure_get_uint64(stats, name, &value);
        line += "," + quoted(name) + ":" + std::to_string(value);
    }
    print(line);
    if (stats)
        gst_structure_free(stats);
}

/// Obeys until "quit" or the end of the input.
void obey(GstElement *pipeline, GstElement *source)
{
    std::string line, word;
    while (std::getline(std::cin, line)) {
        std::istringstream words{line};
        words >> word;
        unsigned number = 0;
        if (word == "hold" && words >> number) {
            orders.hold = number;
        } else if (word == "slow" && words >> number) {
            orders.slow_ms = number;
        } else if (word == "save") {
            std::lock_guard lock{orders.mutex};
            words >> orders.save;
        } else if (word == "stats") {
            print_stats(source);
        } else if (word == "pause") {
            set_state(pipeline, GST_STATE_PAUSED);
        } else if (word == "play") {
            set_state(pipeline, GST_STATE_PLAYING);
        } else {
            break;
        }
    }
    gst_element_post_message(pipeline, gst_message_new_eos(GST_OBJECT(pipeline)));
}

/// Prints messages until the stream ends; the exit status.
int watch(GstBus *bus)
{
    for (;;) {
        GstMessage *m = gst_bus_timed_pop_filtered(
            bus, GST_CLOCK_TIME_NONE,
            GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT));
        const GstMessageType type = GST_MESSAGE_TYPE(m);
        if (type == GST_MESSAGE_ELEMENT && gst_message_has_name(m, "kvm-signal")) {
            const GstStructure *s = gst_message_get_structure(m);
            guint width = 0, height = 0;
            double fps = 0;
            gst_structure_get(s, "width", G_TYPE_UINT, &width, "height", G_TYPE_UINT, &height,
                              "fps", G_TYPE_DOUBLE, &fps, nullptr);
            print("\"is\":\"signal\",\"state\":" + quoted(gst_structure_get_string(s, "state")) +
                  ",\"reason\":" + quoted(gst_structure_get_string(s, "reason")) +
                  ",\"cure\":" + quoted(gst_structure_get_string(s, "cure")) +
                  ",\"width\":" + std::to_string(width) + ",\"height\":" + std::to_string(height) +
                  ",\"fps\":" + std::to_string(fps));
        }
        if (type == GST_MESSAGE_ERROR) {
            GError *error = nullptr;
            gst_message_parse_error(m, &error, nullptr);
            print("\"is\":\"error\",\"text\":" + quoted(error->message));
            g_error_free(error);
        }
        gst_message_unref(m);
        if (type != GST_MESSAGE_ELEMENT)
            return type == GST_MESSAGE_ERROR;
    }
}

} // namespace

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc < 2)
        return 1;
    const std::string source = argv[1], filter = argc > 2 ? argv[2] : "";
    const std::string launch = source + " name=source ! " + (filter.empty() ? "" : filter + " ! ") +
                               "appsink name=out sync=false max-buffers=2 drop=true";
    GError *error = nullptr;
    GstElement *pipeline =
        gst_parse_launch_full(launch.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    if (!pipeline) {
        print("\"is\":\"error\",\"text\":" + quoted(error->message));
        return 1;
    }
    GstElement *out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    GstElement *from = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = on_sample;
    gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, nullptr, nullptr);
    set_state(pipeline, GST_STATE_PLAYING);
    std::thread{obey, pipeline, from}.detach();
    GstBus *bus = gst_element_get_bus(pipeline);
    const int status = watch(bus);
    set_state(pipeline, GST_STATE_NULL);
    std::_Exit(status); // the thread that reads standard input has no other end
}
