// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/sound.h"

#include "daemon/doctor/processes.h"
#include "daemon/media/sound.h"
#include "daemon/media/sound_card.h"
#include "lib/gst/ref.h"

#include <algorithm>
#include <filesystem>

namespace panto::doctor
{

namespace
{

Error said_by(GstElement *element)
{
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(element));
    GstMessage *message = gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR);
    if (!message)
        return {Kind::Unavailable, "alsasrc does not say why"};
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    gst_message_unref(message);
    Error out{Kind::Unavailable, error->message, error->code};
    g_error_free(error);
    return out;
}

/// Opens the device as the daemon does, and closes it again.
Result<> try_out(const std::string &device)
{
    GstElement *made = gst_element_factory_make("alsasrc", nullptr);
    if (!made)
        return Error{Kind::NotFound, "alsasrc is not installed"};
    const auto source = Ref<GstElement>::sink(made);
    const auto bus = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(source.get(), bus.get());
    g_object_set(source.get(), "device", device.c_str(), nullptr);
    const bool opened =
        gst_element_set_state(source.get(), GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
    Result<> result = opened ? Result<>{ok} : Result<>{said_by(source.get())};
    gst_element_set_state(source.get(), GST_STATE_NULL);
    return result;
}

/// Who records from any sound card.
std::vector<Holder> recorders()
{
    std::vector<Holder> all;
    std::error_code none;
    for (const auto &entry : std::filesystem::directory_iterator{"/dev/snd", none}) {
        const std::string name = entry.path().filename();
        if (name.starts_with("pcm") && name.ends_with('c'))
            for (Holder &holder : holders_of(entry.path()))
                all.push_back(std::move(holder));
    }
    return all;
}

Finding in_use(const media::Hearing &trouble)
{
    const auto who = recorders();
    const bool ours = std::any_of(who.begin(), who.end(),
                                  [](const Holder &h) { return h.name == "pantographd"; });
    if (ours)
        return good("audio", "somebody listens: open in " + text_of(who));
    return broken("audio", trouble.reason + (who.empty() ? "" : ": " + text_of(who)), trouble.cure);
}

} // namespace

Finding examine_sound(const config::Config &config)
{
    const std::string &wished = config.audio.device;
    if (wished == "off")
        return absent("audio", "audio.device is off in server.yaml");
    if (wished == "virtual")
        return good("audio", "the virtual computer's bell");
    if (wished == "auto" && config.video.device == "virtual")
        return absent("audio", "the virtual computer has no sound card");
    const std::string device =
        wished == "auto" ? media::sound_card_of(config.video.device) : wished;
    if (device.empty())
        return absent("audio", "no sound card belongs to " + config.video.device +
                                   "; audio.device names another");
    const auto opened = try_out(device);
    if (opened)
        return good("audio", device);
    if (opened.error().kind == Kind::NotFound)
        return broken("audio", device + ": " + opened.error().message, "install gstreamer1.0-alsa");
    const media::Hearing trouble = media::explain(opened.error(), device, false);
    if (trouble.state == "busy")
        return in_use(trouble);
    return broken("audio", trouble.reason, trouble.cure);
}

} // namespace panto::doctor
