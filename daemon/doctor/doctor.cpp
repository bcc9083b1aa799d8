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
#include <cstdio>

namespace panto::doctor
{

namespace
{

constexpr uint64_t kStateBytes = 1 << 20; // accounts and keys are a few kB

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

/// The encoder that would be taken, and what keeps better ones out.
Finding examine_encoder(const media::Library &library, const config::Video &video)
{
    std::vector<media::Library::Refusal> refused;
    auto best = library.best("encoder", "h264", video.encoder, &refused);
    if (!best)
        return broken("encoder", best.error().message, "install one of the elements that it names");
    std::string what = best->name;
    for (const auto &r : refused)
        what += "; not " + r.name + ": " + r.why;
    return good("encoder", what);
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

} // namespace

Findings examine(const Subject &s)
{
    Findings out = examine_capture(s.config.video.device, s.watched.signal);
    const auto add = [&out](Findings more) {
        std::move(more.begin(), more.end(), std::back_inserter(out));
    };
    out.push_back(examine_sound(s.config));
    usb::KernelTree kernel;
    const usb::Shape shape = usb::wanted_shape(s.config.usb, s.state_dir + "/usb");
    add(examine_gadget(s.config.usb, shape, s.config.hid, s.watched.nodes, kernel));
    out.push_back(examine_images(s.config.storage));
    out.push_back(examine_urls());
    out.push_back(examine_panel(s.config.power));
    if (s.library) {
        out.push_back(examine_encoder(*s.library, s.config.video));
        out.push_back(examine_pipelines(*s.library));
    } else {
        out.push_back(absent("encoder", "not known: the pipeline files are wrong"));
        out.push_back(broken("pipelines", s.library.error().message, "mend or remove that file"));
    }
    out.push_back(examine_settings(s.config.left_out));
    out.push_back(examine_ports(s.config.server));
    out.push_back(examine_certificate(s.config.server, s.certificate));
    out.push_back(examine_folder("disk", s.state_dir, kStateBytes));
    out.push_back(examine_clock());
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
