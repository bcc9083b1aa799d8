// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/pipeline.h"

#include "daemon/observe/hush.h"
#include "lib/glib/offload.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace panto::media
{

namespace
{

// The end of a pipeline that is only looked at.
constexpr char kEnd[] = "checked-end";
constexpr char kEndSink[] = "appsink name=checked-end";

const char *media_type_of(const std::string &codec)
{
    return codec == "h264"   ? "video/x-h264"
           : codec == "h265" ? "video/x-h265"
           : codec == "opus" ? "audio/x-opus"
           : codec == "png"  ? "image/png"
                             : "image/jpeg";
}

/// "child::property" or "child::property * factor", for elements that count in another unit; or
/// "child::property.field" for one value of a structure, as drivers' controls are.
struct Target {
    std::string child, property, field;
    int64_t factor = 1;
};

Result<Target> parse_target(const std::string &text)
{
    const size_t colons = text.find("::");
    if (colons == std::string::npos)
        return Error{Kind::Invalid, "\"" + text + "\" is not child::property"};
    Target t{text.substr(0, colons), text.substr(colons + 2), "", 1};
    if (const size_t star = t.property.find('*'); star != std::string::npos) {
        t.factor = std::atoll(t.property.c_str() + star + 1);
        t.property.resize(star);
        if (t.factor <= 0)
            return Error{Kind::Invalid, "\"" + text + "\" has no factor after the *"};
    }
    while (!t.property.empty() && t.property.back() == ' ')
        t.property.pop_back();
    if (const size_t dot = t.property.find('.'); dot != std::string::npos) {
        t.field = t.property.substr(dot + 1);
        t.property.resize(dot);
        if (t.field.empty())
            return Error{Kind::Invalid, "\"" + text + "\" names no field after the dot"};
    }
    return t;
}

std::optional<int64_t> whole_number(const std::string &text)
{
    int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc{} && end == text.data() + text.size() ? std::optional{value}
                                                                     : std::nullopt;
}

Error from_gerror(Kind kind, GError *error, const std::string &where)
{
    Error e{kind, where + ": " + error->message, error->code};
    g_error_free(error);
    return e;
}

std::string chain(const std::string &head, const std::string &launch, const std::string &tail)
{
    return (head.empty() ? "" : head + " ! ") + launch + (tail.empty() ? "" : " ! " + tail);
}

/// Builds the text; gst_parse_launch alone would hand back half a pipeline with its error.
Result<Ref<GstElement>> parse(const config::PipelineFile &file, const std::string &text)
{
    GError *error = nullptr;
    GstParseContext *context = gst_parse_context_new();
    GstElement *made = gst_parse_launch_full(text.c_str(), context,
                                             GstParseFlags(GST_PARSE_FLAG_FATAL_ERRORS), &error);
    char **missing = gst_parse_context_get_missing_elements(context);
    std::string names;
    for (char **m = missing; m && *m; ++m)
        names += (names.empty() ? "" : ", ") + std::string{*m};
    g_strfreev(missing);
    gst_parse_context_free(context);
    // What cannot be made for a property it does not have counts as missing there, too.
    if (g_error_matches(error, GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT)) {
        g_clear_error(&error);
        if (made)
            gst_object_unref(gst_object_ref_sink(made));
        return Error{Kind::Unavailable, file.place("launch") + ": not installed: " + names};
    }
    if (error) {
        if (made)
            gst_object_unref(gst_object_ref_sink(made));
        return from_gerror(Kind::Invalid, error, file.place("launch"));
    }
    if (!GST_IS_PIPELINE(made)) { // one element alone comes without a pipeline around it
        GstElement *pipeline = gst_pipeline_new(nullptr);
        gst_bin_add(GST_BIN(pipeline), made);
        made = pipeline;
    }
    return Ref<GstElement>::sink(made);
}

/// The child and its property, or what is missing.
Result<Ref<GstElement>> find(GstElement *pipeline, const Target &t)
{
    auto child = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), t.child.c_str()));
    if (!child)
        return Error{Kind::NotFound, "there is no element named " + t.child};
    const GParamSpec *property =
        g_object_class_find_property(G_OBJECT_GET_CLASS(child.get()), t.property.c_str());
    if (!property)
        return Error{Kind::NotFound, t.child + " has no property " + t.property};
    if (!t.field.empty() && property->value_type != GST_TYPE_STRUCTURE)
        return Error{Kind::Invalid, t.child + "'s property " + t.property + " has no fields"};
    return child;
}

/// In the element's unit; of whole numbers the nearest that the property takes, as the element
/// would ignore another.
std::string in_unit_and_range(GObject *object, const Target &t, const std::string &text)
{
    const auto number = whole_number(text);
    const GParamSpec *property =
        g_object_class_find_property(G_OBJECT_GET_CLASS(object), t.property.c_str());
    const auto within = [&](int64_t least, int64_t most) {
        return std::to_string(std::clamp(*number * t.factor, least, most));
    };
    if (number && G_IS_PARAM_SPEC_UINT(property))
        return within(G_PARAM_SPEC_UINT(property)->minimum, G_PARAM_SPEC_UINT(property)->maximum);
    if (number && G_IS_PARAM_SPEC_INT(property))
        return within(G_PARAM_SPEC_INT(property)->minimum, G_PARAM_SPEC_INT(property)->maximum);
    return number && t.factor != 1 ? within(INT64_MIN, INT64_MAX) : text;
}

void set_field(GObject *object, const Target &t, const std::string &value)
{
    GstStructure *now = nullptr;
    g_object_get(object, t.property.c_str(), &now, nullptr);
    if (!now)
        now = gst_structure_new_empty("controls");
    gst_structure_set(now, t.field.c_str(), G_TYPE_INT, std::atoi(value.c_str()), nullptr);
    g_object_set(object, t.property.c_str(), now, nullptr);
    gst_structure_free(now);
}

} // namespace

Pipeline::Pipeline(const config::PipelineFile &file, Ref<GstElement> pipeline)
    : file_{file}, pipeline_{std::move(pipeline)}
{
    GstClock *clock = gst_system_clock_obtain(); // CLOCK_MONOTONIC unless told otherwise
    gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock);
    gst_object_unref(clock);
    gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_.get(), 0);
    auto bus = Ref<GstBus>::adopt(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    watch_ = gst_bus_add_watch(
        bus.get(),
        [](GstBus *, GstMessage *m, gpointer p) -> gboolean {
            auto *self = static_cast<Pipeline *>(p);
            if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_ERROR) {
                const Error e = self->error_of(m);
                if (const auto fn = self->on_error)
                    fn(e);
            } else if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_EOS) {
                if (const auto fn = self->on_end)
                    fn();
            } else if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_LATENCY) {
                gst_bin_recalculate_latency(GST_BIN(self->pipeline_.get()));
            } else if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_ELEMENT) {
                if (const auto fn = self->on_message)
                    fn(*gst_message_get_structure(m));
            }
            return G_SOURCE_CONTINUE;
        },
        this);
}

Error Pipeline::error_of(GstMessage *m) const
{
    GError *error = nullptr;
    gst_message_parse_error(m, &error, nullptr);
    return from_gerror(Kind::Unavailable, error, file_.name + ": " + GST_MESSAGE_SRC_NAME(m));
}

Pipeline::~Pipeline()
{
    if (watch_)
        g_source_remove(watch_);
    // Going to NULL may wait for a driver or a peer: not on the main loop.
    offload(Lane::Media,
            [pipeline = pipeline_] { gst_element_set_state(pipeline.get(), GST_STATE_NULL); });
}

Result<std::unique_ptr<Pipeline>> Pipeline::create(const config::PipelineFile &file,
                                                   const Values &values, const std::string &head,
                                                   const std::string &tail)
{
    PANTO_TRY(made, parse(file, chain(head, file.launch, tail)));
    std::unique_ptr<Pipeline> pipeline{new Pipeline{file, made}};
    for (const auto &[key, target] : file.set)
        if (const auto it = values.find(key); it != values.end())
            if (auto done = pipeline->set(key, target, it->second); !done)
                return std::move(done.error());
    return pipeline;
}

Result<> Pipeline::set(const std::string &key, const std::string &target, const std::string &value)
{
    PANTO_TRY(t, parse_target(target));
    auto child = find(pipeline_.get(), t);
    if (!child)
        return std::move(child.error()).context(file_.place("set." + key));
    auto *object = G_OBJECT(child->get());
    const std::string text = in_unit_and_range(object, t, value);
    if (t.field.empty())
        gst_util_set_object_arg(object, t.property.c_str(), text.c_str());
    else
        set_field(object, t, text);
    return ok;
}

Result<bool> Pipeline::change(const std::string &key, const std::string &value)
{
    const auto target = file_.set.find(key);
    if (target == file_.set.end())
        return Error{Kind::NotFound, file_.name + " takes no " + key};
    PANTO_TRY(t, parse_target(target->second));
    PANTO_TRY(element, find(pipeline_.get(), t));
    const GParamSpec *property =
        g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), t.property.c_str());
    // A driver's controls take effect when they are set, whatever the property says.
    if (t.field.empty() && !(property->flags & GST_PARAM_MUTABLE_PLAYING))
        return false;
    PANTO_TRY(done, set(key, target->second, value));
    (void)done;
    return true;
}

Ref<GstElement> Pipeline::child(const char *name) const
{
    return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
}

Result<> Pipeline::play()
{
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return ok;
    // The element that refused has said why; nobody needs to hear it a second time.
    auto bus = Ref<GstBus>::adopt(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    GstMessage *said = gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR);
    Error why{Kind::Unavailable, file_.name + ": the pipeline does not start"};
    if (said) {
        why = error_of(said);
        gst_message_unref(said);
    }
    gst_bus_set_flushing(bus.get(), TRUE);
    return why;
}

namespace
{

/// Whether what comes out of an encoder can be the codec that its file offers. An end that says
/// nothing of what it gives, as identity does, is believed.
Result<> check_codec(const config::PipelineFile &file, GstElement *pipeline)
{
    const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), kEnd));
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink.get(), "sink"));
    const auto given = Ref<GstCaps>::adopt(gst_pad_peer_query_caps(pad.get(), nullptr));
    const auto wanted = Ref<GstCaps>::adopt(gst_caps_new_empty_simple(media_type_of(file.codec)));
    if (!given || gst_caps_can_intersect(given.get(), wanted.get()))
        return ok;
    const GstStructure *first =
        gst_caps_is_empty(given.get()) ? nullptr : gst_caps_get_structure(given.get(), 0);
    return Error{Kind::Invalid,
                 file.place("offers.codec") + ": is " + file.codec + ", but launch gives " +
                     (first ? gst_structure_get_name(first) : "nothing that fits together")};
}

/// Whether what the elements work with is here: those of hardware are installed on machines that do
/// not have it, too, and say so when they are to become ready.
Result<> check_devices(const config::PipelineFile &file, GstElement *pipeline)
{
    const bool ready = gst_element_set_state(pipeline, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
    const auto bus = Ref<GstBus>::adopt(gst_pipeline_get_bus(GST_PIPELINE(pipeline)));
    GstMessage *said = gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    Error why{Kind::Unavailable, file.place("launch") + ": an element does not become ready"};
    if (said) {
        GError *error = nullptr;
        gst_message_parse_error(said, &error, nullptr);
        why = from_gerror(Kind::Unavailable, error,
                          file.place("launch") + ": " + GST_MESSAGE_SRC_NAME(said));
        gst_message_unref(said);
    }
    if (ready)
        return ok;
    return why;
}

} // namespace

Result<> check(const config::PipelineFile &file)
{
    const observe::Hush hush;
    const bool coded = file.kind == "encoder" || file.kind == "snapshot";
    const bool open_start = coded || file.kind == "decoder" || file.kind == "recording";
    const bool sound = file.kind == "audio" || file.kind == "virtual-audio";
    const bool open_end = open_start || sound || file.kind == "capture"; // the daemon adds the rest
    const std::string text =
        chain(open_start ? "appsrc" : "", file.launch, open_end ? kEndSink : "");
    PANTO_TRY(made, parse(file, text));
    for (const auto &[key, target] : file.set) {
        auto t = parse_target(target);
        if (!t)
            return std::move(t.error()).context(file.place("set." + key));
        if (auto child = find(made.get(), *t); !child)
            return std::move(child.error()).context(file.place("set." + key));
    }
    if ((coded || sound) && !file.codec.empty())
        if (auto fits = check_codec(file, made.get()); !fits)
            return fits;
    return file.kind == "encoder" ? check_devices(file, made.get()) : ok;
}

} // namespace panto::media
