// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/api/rest/inside.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using usb::Network;
using usb::Profile;
using usb::Shape;

constexpr char kForce[] = "Also while the computer holds a disk or has just written to it";

struct ModeBody {
    std::string mode;
    bool force = true; // whoever knows the NanoKVM's routes knows of no refusal
};
constexpr Field<ModeBody> kMode[] = {
    required(one_of("normal|hid-only", "mode", "What the computer sees", &ModeBody::mode)),
    {"force", kForce, &ModeBody::force},
};

struct DeviceBody {
    std::string device;
    bool force = true;
};
constexpr Field<DeviceBody> kDevice[] = {
    required(one_of("network|disk", "device", "What is switched on or off", &DeviceBody::device)),
    {"force", kForce, &DeviceBody::force},
};

struct ShapeBody {
    std::string profile, network;
    bool force = false;
};
constexpr Field<ShapeBody> kShape[] = {
    {"profile", "normal, hid-only, boot-only or no-storage; empty: as it is", &ShapeBody::profile},
    {"network", "off, ncm or rndis; empty: as it is", &ShapeBody::network},
    {"force", kForce, &ShapeBody::force},
};

constexpr BadBody kNoMode{.no_choice = -2};
constexpr BadBody kNoDevice{
    .msg = "invalid argument", .no_choice = -2, .no_choice_msg = "invalid arguments"};

/// The wire knows two modes; ours without drives is the nearest to its normal one.
const char *mode_of(const Shape &shape)
{
    return shape.may_have_network() ? "normal" : "hid-only";
}

json::Object describe(const usb::Gadget &gadget, const hid::Nodes &nodes)
{
    json::Array hid;
    for (const auto &[path, node] : nodes)
        hid.add(json::Object{}
                    .add("node", path)
                    .add("state", node.state)
                    .add("sent", node.sent)
                    .add("dropped", node.dropped)
                    .add("waiting", node.waiting));
    return usb_status(gadget.status())
        .add("interface", gadget.status().interface)
        .add("interfaceUp", gadget.status().interface_up)
        .add("drives", gadget.lun_folders().size())
        .add("hid", hid);
}

/// Changes the gadget, which takes it off the computer's cable for a moment, and all disks with it.
class Changes
{
public:
    Changes(usb::Gadget &gadget, std::function<void(Done<>)> check_idle)
        : gadget_{gadget}, check_idle_{std::move(check_idle)}
    {
    }

    void set_mode(const ModeBody &body, Reply reply) const
    {
        Shape shape = gadget_.status().shape;
        if (!gadget_.changing() && body.mode == mode_of(shape))
            return reply(success());
        shape = {*usb::find_profile(body.mode),
                 body.mode == "normal" ? shape.network : Network::Off};
        make(shape, body.force, answer(reply, -3, "operation failed"));
    }

    /// Turns one on if it is off and off if it is on.
    void toggle(const DeviceBody &body, Reply reply) const
    {
        Shape shape = gadget_.status().shape;
        if (!shape.may_have_network())
            return reply(failure(-3, std::string{"operation failed: the profile "} +
                                         name_of(shape.profile) + " has none"));
        const bool network = body.device == "network";
        if (network)
            shape.network = shape.network == Network::Off ? Network::Ncm : Network::Off;
        else
            shape.profile = shape.has_storage() ? Profile::NoStorage : Profile::Normal;
        const bool on = network ? shape.has_network() : shape.has_storage();
        make(shape, body.force, [reply, on](Result<> done) {
            reply(done ? success(json::Object{}.add("on", on))
                       : failure(-3, "operation failed", done.error()));
        });
    }

    void set_shape(const ShapeBody &body, Reply reply) const
    {
        const Shape shape = gadget_.status().shape;
        const auto profile = body.profile.empty() ? shape.profile : usb::find_profile(body.profile);
        const auto network = body.network.empty() ? shape.network : usb::find_network(body.network);
        if (!profile)
            return reply(failure(-1, "invalid arguments: no profile " + body.profile));
        if (!network)
            return reply(failure(-1, "invalid arguments: no network " + body.network));
        make({*profile, *network}, body.force, answer(reply, -3, "operation failed"));
    }

private:
    void make(const Shape &shape, bool force, Done<> done) const
    {
        const bool as_it_is = !gadget_.changing() && shape == gadget_.status().shape;
        if (force || as_it_is || !gadget_.enabled())
            return gadget_.set_shape(shape, std::move(done));
        check_idle_([&gadget = gadget_, shape, done = std::move(done)](Result<> idle) {
            if (!idle)
                return done(std::move(idle));
            gadget.set_shape(shape, done);
        });
    }

    usb::Gadget &gadget_;
    std::function<void(Done<>)> check_idle_;
};

} // namespace

json::Object usb_status(const usb::Status &s)
{
    return json::Object{}
        .add("state", name_of(s.state))
        .add("reason", s.reason)
        .add("cure", cure_of(s.state))
        .add("profile", name_of(s.shape.profile))
        .add("network", name_of(s.shape.network))
        .add("udc", s.udc)
        .add("host", s.host);
}

std::vector<http::Route> usb_routes(usb::Gadget &gadget, std::function<hid::Nodes()> nodes,
                                    std::function<void(Done<>)> check_idle,
                                    const std::string &internal_token)
{
    const Changes changes{gadget, std::move(check_idle)};
    const auto recover = [&gadget](const Request &, Reply reply) {
        gadget.rebind(answer(reply, -1, "failed to recover usb"));
    };
    const auto choose = [changes](const ModeBody &b, const Request &, Reply reply) {
        changes.set_mode(b, std::move(reply));
    };
    const auto turn = [changes](const DeviceBody &b, const Request &, Reply reply) {
        changes.toggle(b, std::move(reply));
    };
    const auto form = [changes](const ShapeBody &b, const Request &, Reply reply) {
        changes.set_shape(b, std::move(reply));
    };
    const auto mode = [&gadget](const Request &, Reply reply) {
        reply(success(json::Object{}.add("mode", mode_of(gadget.status().shape))));
    };
    const auto devices = [&gadget](const Request &, Reply reply) {
        const Shape &shape = gadget.status().shape;
        reply(success(json::Object{}
                          .add("network", gadget.enabled() && shape.has_network())
                          .add("media", false)
                          .add("disk", gadget.enabled() && shape.has_storage())));
    };
    const auto status = [&gadget, nodes = std::move(nodes)](const Request &, Reply reply) {
        reply(success(describe(gadget, nodes())));
    };
    return {
        {"GET", "/api/hid/mode", Role::User, "Tells what the computer sees", mode},
        {"POST", "/api/hid/mode", Role::Admin, "Makes it normal or hid-only",
         with_body(kMode, choose, kNoMode)},
        {"GET", "/api/vm/device/virtual", Role::Admin, "Tells whether it has network and drives",
         devices},
        {"POST", "/api/vm/device/virtual", Role::Admin, "Switches its network or drives",
         with_body(kDevice, turn, kNoDevice)},
        {"POST", "/api/internal/usb/recover", Role::Anyone,
         "Connects the USB gadget anew, for programs of this machine",
         inside(internal_token, without_fields(recover))},
        {"GET", "/api/usb", Role::Admin, "Tells all about the USB gadget", status},
        {"POST", "/api/usb", Role::Admin, "Chooses its profile and its network",
         with_body(kShape, form)},
    };
}

} // namespace panto::api
