// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/doctor.h"

#include "daemon/doctor/capture.h"
#include "daemon/doctor/host.h"
#include "daemon/doctor/images.h"
#include "daemon/doctor/panel.h"
#include "daemon/doctor/sound.h"
#include "daemon/media/pipeline.h"
#include "daemon/usb/gadget.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <thread>

namespace panto::doctor
{

namespace
{

constexpr auto kPatience = std::chrono::seconds{10}; // with one look
constexpr uint64_t kStateBytes = 1 << 20;            // accounts and keys are a few kB

const char *name_of(State state)
{
    switch (state) {
    case State::Ok:
        return "ok";
    case State::Absent:
        return "absent";
    case State::Warning:
        return "warning";
    default:
        return "broken";
    }
}

std::string listed(const std::vector<media::Library::Refusal> &refused, const char *before)
{
    std::string out;
    for (const auto &r : refused)
        out += before + r.name + ": " + r.why;
    return out;
}

/// The encoder that would be taken, and what keeps better ones out.
Finding examine_encoder(const media::Library &library, const config::Video &video)
{
    std::vector<media::Library::Refusal> refused;
    auto best = library.best("encoder", "h264", video.encoder, &refused);
    if (!best)
        return broken("encoder", best.error().message, "install one of the elements that it names");
    return good("encoder", best->name + listed(refused, "; not "));
}

/// Nothing needs it: who could watch it can watch H.264.
Finding examine_h265(const media::Library &library)
{
    std::vector<media::Library::Refusal> refused;
    auto best = library.best("encoder", "h265", "", &refused);
    return best ? good("h265", best->name + listed(refused, "; not "))
                : absent("h265", "no encoder here makes it" + listed(refused, "; "));
}

Finding examine_pipelines(const media::Library &library)
{
    size_t usable = 0;
    for (const auto &file : library.files()) {
        auto checked = media::check(file);
        if (!checked && checked.error().kind != Kind::Unavailable)
            return broken("pipelines", checked.error().message, "mend or remove that file");
        usable += checked ? 1 : 0;
    }
    for (const auto &role : media::kRoles)
        if (auto best = library.best(role.kind, role.codec); !best)
            return broken("pipelines", best.error().message,
                          "install the GStreamer plugins that it names");
    return good("pipelines", std::to_string(usable) + " of " +
                                 std::to_string(library.files().size()) + " can be used here");
}

Findings examine_gstreamer(const Subject &s)
{
    if (s.library)
        return {examine_encoder(*s.library, s.config.video), examine_h265(*s.library),
                examine_pipelines(*s.library)};
    return {absent("encoder", "not known: the pipeline files are wrong"),
            absent("h265", "not known: the pipeline files are wrong"),
            broken("pipelines", s.library.error().message, "mend or remove that file")};
}

Findings examine_usb(const Subject &s)
{
    usb::KernelTree kernel;
    const usb::Shape shape = usb::wanted_shape(s.config.usb, s.state_dir + "/usb");
    return examine_gadget(s.config.usb, shape, s.config.hid, s.watched.nodes, kernel);
}

struct Look {
    const char *link; ///< the first that it is about
    Findings (*at)(const Subject &);
};

constexpr Look kLooks[] = {
    {"capture", [](auto &s) { return examine_capture(s.config.video.device, s.watched.signal); }},
    {"audio", [](auto &s) { return Findings{examine_sound(s.config)}; }},
    {"udc", examine_usb},
    {"storage", [](auto &s) { return Findings{examine_images(s.config.storage)}; }},
    {"urls", [](auto &) { return Findings{examine_urls()}; }},
    {"gpio", [](auto &s) { return Findings{examine_panel(s.config.power)}; }},
    {"encoder", examine_gstreamer},
    {"settings", [](auto &s) { return Findings{examine_settings(s.config.left_out)}; }},
    {"port", [](auto &s) { return Findings{examine_ports(s.config.server)}; }},
    {"certificate",
     [](auto &s) { return Findings{examine_certificate(s.config.server, s.certificate)}; }},
    {"disk", [](auto &s) { return Findings{examine_folder("disk", s.state_dir, kStateBytes)}; }},
    {"clock", [](auto &) { return Findings{examine_clock()}; }},
};

/// A driver or a disk that hangs keeps its thread, and is a finding, too.
Findings in_time(const Look &look, const std::shared_ptr<const Subject> &subject)
{
    const auto found = std::make_shared<std::promise<Findings>>();
    auto told = found->get_future();
    std::thread{[&look, subject, found] { found->set_value(look.at(*subject)); }}.detach();
    if (told.wait_for(kPatience) == std::future_status::ready)
        return told.get();
    return {broken(look.link, "no answer within 10 s: a driver or a disk hangs",
                   "see the kernel's log: dmesg; pull that device and plug it in again, or start "
                   "this machine anew")};
}

} // namespace

Findings examine(const Subject &s)
{
    const auto subject = std::make_shared<const Subject>(s);
    Findings out;
    for (const Look &look : kLooks) {
        Findings more = in_time(look, subject);
        std::move(more.begin(), more.end(), std::back_inserter(out));
    }
    return out;
}

State verdict(const Findings &findings)
{
    State worst = State::Ok;
    for (const Finding &f : findings)
        if (f.state != State::Absent)
            worst = std::max(worst, f.state);
    return worst;
}

std::string table(const Findings &findings)
{
    std::string out;
    char start[40];
    for (const Finding &f : findings) {
        std::snprintf(start, sizeof start, "%-8s %-12s ", name_of(f.state), f.link.c_str());
        out += start;
        out += f.what + "\n";
        if (!f.cure.empty())
            out.append(22, ' ').append("-> ").append(f.cure).append("\n");
    }
    return out;
}

json::Object report(const Findings &findings)
{
    json::Array links;
    for (const Finding &f : findings)
        links.add(json::Object{}
                      .add("link", f.link)
                      .add("state", name_of(f.state))
                      .add("what", f.what)
                      .add("cure", f.cure));
    return json::Object{}.add("verdict", name_of(verdict(findings))).add("links", links);
}

} // namespace panto::doctor
