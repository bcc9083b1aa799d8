// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/audience.h"
#include "daemon/api/rest/rest.h"
#include "daemon/api/whep/whep.h"
#include "lib/glib/offload.h"
#include "tests/fakes/configfs.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <gst/gst.h>
#include <gtest/gtest.h>
#include <set>

using namespace panto;
using http::Role;

namespace
{

/// Every room, as the daemon builds them, with pipelines that do nothing.
class RoutesTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
    RoutesTest()
    {
        dir.write("p/capture.yaml", "name: capture\nkind: capture\nlaunch: fakesrc\n");
        for (const std::string codec : {"h264", "mjpeg"})
            dir.write("p/" + codec + ".yaml", "name: " + codec +
                                                  "\nkind: encoder\noffers: {codec: " + codec +
                                                  ", rank: 1}\nlaunch: identity\n");
        auto library = media::Library::load({dir.path + "/p"});
        EXPECT_TRUE(library);
        auto made = media::Media::create(*library, {}, nullptr);
        EXPECT_TRUE(made);
        media = std::move(*made);
        viewers = std::make_unique<webrtc::Viewers>(*media, config::Ice{},
                                                    [](webrtc::Viewer &, const std::string &) {});
        for (auto &&some :
             {api::auth_routes(sessions), api::users_routes(sessions),
              api::vm_routes(power, services, "key"), api::wol_routes(wol),
              api::hid_routes(input, keeping, paste, cable, board, gadget),
              api::usb_routes(
                  gadget, nodes, [this](const Done<> &done) { done(idle); }, ""),
              api::stream_routes(*media, api::mjpeg_of(*media), *viewers, audience),
              api::snapshot_routes(*media, api::mjpeg_of(*media)), api::storage_routes(storage),
              api::upload_routes(storage), api::download_routes(storage),
              api::whep_routes(*viewers, audience, connections)})
            routes.insert(routes.end(), some.begin(), some.end());
    }

    /// What a route answers to a body, with the timers that it waits for fired.
    std::string call(const char *method, const char *path, const std::string &body,
                     const std::string &type = "application/json")
    {
        http::Request rq;
        rq.method = method;
        rq.path = path;
        rq.body = body;
        rq.content_type = rq.content_type_line = type;
        rq.principal = {"admin", Role::Admin};
        std::optional<http::Response> answer;
        for (const auto &r : routes)
            if (r.method == rq.method && r.path == rq.path)
                std::get<http::Call>(r.handler.answer)(
                    rq, http::Reply{[&](http::Response a) { answer = std::move(a); }});
        for (int i = 0; i < 100 && !answer; ++i) {
            offload_drain(std::chrono::seconds{30});
            Loop::fire_timers();
        }
        return answer ? answer->body : "no answer";
    }

    /// Until the worker threads are done and what they said is heard.
    static void settle()
    {
        ASSERT_TRUE(offload_drain(std::chrono::seconds{30}));
        Loop::run();
    }

    TempDir dir;
    control::Board board;
    api::Audience audience{board};
    std::shared_ptr<FakeConfigfs> configfs = std::make_shared<FakeConfigfs>();
    usb::Gadget gadget{{.gadget = "on"}, usb::identity_of("key"), dir.path + "/usb", configfs};
    Result<> idle = ok; ///< whether the computer leaves its drives alone
    const std::function<hid::Nodes()> nodes = [] {
        return hid::Nodes{{"/dev/hidg0", {"online", 7, 2, 1}}};
    };
    hid::Input input{[](std::span<const uint8_t>) {}};
    hid::Hold keeping{input};
    hid::Cable cable;
    hid::Paste paste{input};
    std::vector<Source> presses;
    power::Panel::Button button = [this](std::chrono::milliseconds hold, const Done<> &done) {
        presses.push_back(after(hold, [done] { done(ok); }));
    };
    system::Services services;
    power::Power power{{button, button,
                        []() -> Result<power::Leds> {
                            return power::Leds{true, false};
                        },
                        [](const std::function<void()> &) {}}};
    power::WakeOnLan wol{dir.path, [this](const power::Mac &mac, const std::string &interface) {
                             woken.push_back(power::text(mac) + " " + interface);
                             return sent;
                         }};
    std::vector<std::string> woken;
    Result<> sent = ok;
    storage::Storage storage{{.directory = dir.path + "/images"}, {}};
    auth::Users users{dir.path, 4};
    auth::Sessions sessions{users, {}, "a key of thirty-two bytes, or more"};
    http::Sessions connections;
    std::unique_ptr<media::Media> media;
    std::unique_ptr<webrtc::Viewers> viewers;
    std::vector<http::Route> routes;
};

const std::string kDone = R"({"code":0,"msg":"success","data":null})";

} // namespace

TEST_F(RoutesTest, AreAllThere)
{
    std::set<std::string> names;
    for (const auto &r : routes)
        names.insert(std::string{r.method} + " " + r.path);
    for (const char *name : {"POST /api/auth/login",
                             "POST /api/auth/logout",
                             "GET /api/auth/account",
                             "GET /api/auth/setup",
                             "GET /api/auth/password",
                             "POST /api/auth/password",
                             "GET /api/vm/info",
                             "GET /api/vm/gpio",
                             "GET /api/vm/gpio/led",
                             "POST /api/vm/gpio",
                             "POST /api/network/wol",
                             "GET /api/network/wol/mac",
                             "DELETE /api/network/wol/mac",
                             "POST /api/network/wol/mac/name",
                             "POST /api/hid/paste",
                             "POST /api/hid/paste/cancel",
                             "GET /api/hid/mode",
                             "POST /api/hid/mode",
                             "GET /api/vm/device/virtual",
                             "POST /api/vm/device/virtual",
                             "GET /api/usb",
                             "POST /api/usb",
                             "POST /api/hid/reset",
                             "GET /api/hid/leds",
                             "GET /api/storage/image",
                             "GET /api/storage/image/mounted",
                             "POST /api/storage/image/mount",
                             "GET /api/storage/cdrom",
                             "POST /api/storage/image/delete",
                             "WS /api/ws",
                             "GET /api/stream/mjpeg",
                             "GET /api/stream/snapshot",
                             "WS /api/stream/h264",
                             "WS /api/stream/h264/direct",
                             "POST /whep",
                             "PATCH /whep/:id",
                             "DELETE /whep/:id"})
        EXPECT_TRUE(names.count(name)) << name;
}

TEST_F(RoutesTest, StandInTheTableOnce)
{
    std::set<std::string> names;
    for (const auto &r : routes)
        EXPECT_TRUE(names.insert(std::string{r.method} + " " + r.path).second) << r.path;
}

TEST_F(RoutesTest, NeedASessionButForTheLoginAndWhoeverHasTheMachinesToken)
{
    const std::set<std::string> open{"/api/auth/login", "/api/auth/setup",
                                     "/api/internal/usb/recover"};
    for (const auto &r : routes)
        EXPECT_EQ(r.role == Role::Anyone, open.contains(r.path)) << r.path;
}

TEST_F(RoutesTest, LetUsersWakeAndAdminsForget)
{
    for (const auto &r : routes)
        if (std::string{r.path}.starts_with("/api/network/wol")) {
            const std::string what = std::string{r.method} + " " + r.path;
            const bool harmless =
                what == "POST /api/network/wol" || what == "GET /api/network/wol/mac";
            EXPECT_EQ(r.role, harmless ? Role::User : Role::Admin) << what;
        }
}

TEST_F(RoutesTest, SayWhatTheyDo)
{
    for (const auto &r : routes) {
        EXPECT_GT(std::string{r.summary}.size(), 10u) << r.path;
        EXPECT_TRUE(g_ascii_isupper(r.summary[0])) << r.path;
        EXPECT_NE(std::string{r.summary}.back(), '.') << r.path;
    }
}

TEST_F(RoutesTest, HavePathsThatARequestCanHave)
{
    for (const auto &r : routes) {
        const std::string path = r.path;
        EXPECT_EQ(path.front(), '/') << path;
        EXPECT_NE(path.back(), '/') << path;
        EXPECT_EQ(path.find("//"), std::string::npos) << path;
    }
}

TEST_F(RoutesTest, TakeNoMoreThanTheyNeed)
{
    for (const auto &r : routes) {
        EXPECT_GT(r.max_body_bytes, 0u) << r.path;
        EXPECT_LE(r.max_body_bytes, size_t(1 << 20)) << r.path;
    }
}

TEST_F(RoutesTest, PressAButton)
{
    EXPECT_EQ(call("POST", "/api/vm/gpio", R"({"type":"power","duration":20})"), kDone);
    EXPECT_EQ(call("POST", "/api/vm/gpio", R"({"TYPE":"reset"})"), kDone) << "800 ms";
    EXPECT_EQ(
        call("POST", "/api/vm/gpio", "Type=power&Duration=20", "application/x-www-form-urlencoded"),
        kDone);
    EXPECT_EQ(call("POST", "/api/vm/gpio", R"( {"type":"power","duration":20})", ""), kDone)
        << "people forget -H";
}

TEST_F(RoutesTest, RefuseAPressThatIsNone)
{
    for (const char *body :
         {"", "{", "[]", "null", "{}", R"({"type":""})", R"({"type":5})", R"({"type":null})",
          R"({"type":"power","duration":-1})", R"({"type":"power","duration":"800"})",
          R"({"type":"power","duration":1.5})", R"({"type":"power"} x)"})
        EXPECT_EQ(
            call("POST", "/api/vm/gpio", body).rfind(R"({"code":-1,"msg":"invalid arguments)", 0),
            0u)
            << body;
    EXPECT_EQ(call("POST", "/api/vm/gpio", R"({"type":"hdd"})"),
              R"({"code":-2,"msg":"invalid power event: hdd","data":null})");
}

TEST_F(RoutesTest, RefuseToWakeWhatIsNoComputer)
{
    for (const char *body : {"", "{", "{}", R"({"mac":""})", R"({"mac":5})"})
        EXPECT_EQ(call("POST", "/api/network/wol", body)
                      .rfind(R"({"code":-1,"msg":"invalid arguments)", 0),
                  0u)
            << body;
    EXPECT_EQ(call("POST", "/api/network/wol/mac/name", R"({"mac":"525400123456"})"),
              R"({"code":-1,"msg":"invalid arguments","data":null,"reason":"name is required"})");
    const std::string no_mac = R"({"code":-2,"msg":"invalid MAC address","data":null,"reason":)"
                               R"("an address is 12 hexadecimal digits, as 52:54:00:12:34:56"})";
    EXPECT_EQ(call("POST", "/api/network/wol", R"({"mac":"52:54:00"})"), no_mac);
    EXPECT_EQ(call("DELETE", "/api/network/wol/mac", R"({"mac":"52:54:00"})"), no_mac);
    EXPECT_EQ(call("POST", "/api/network/wol/mac/name", R"({"mac":"x","name":"y"})"), no_mac);
    const std::string nobodys = R"({"code":-2,"msg":"invalid MAC address","data":null,"reason":)"
                                R"("no network card has this address"})";
    EXPECT_EQ(call("POST", "/api/network/wol", R"({"mac":"FF:FF:FF:FF:FF:FF"})"), nobodys);
    EXPECT_EQ(call("POST", "/api/network/wol/mac/name", R"({"mac":"525400123456","name":" desk"})"),
              R"({"code":-1,"msg":"invalid arguments","data":null,"reason":)"
              R"("a name is one line of 1..64 bytes"})");
    EXPECT_TRUE(woken.empty());
    sent = Error{Kind::NotFound, "there is no network interface of that name"};
    EXPECT_EQ(call("POST", "/api/network/wol", R"({"mac":"525400123456","interface":"eth9"})"),
              R"({"code":-3,"msg":"there is no network interface of that name","data":null})");
    EXPECT_EQ(woken, std::vector<std::string>{"52:54:00:12:34:56 eth9"});
}

TEST_F(RoutesTest, TypeAText)
{
    EXPECT_EQ(call("POST", "/api/hid/paste", R"({"content":"ab","langue":"de"})"), kDone);
    EXPECT_EQ(call("POST", "/api/hid/paste", "content=ab", ""), kDone);
    EXPECT_EQ(call("POST", "/api/hid/paste", R"({"content":""})"),
              R"({"code":-1,"msg":"invalid arguments","data":null})");
    EXPECT_EQ(call("POST", "/api/hid/paste", R"({"content":")" + std::string(65537, 'a') + "\"}"),
              R"({"code":-2,"msg":"content too long","data":null})");
}

TEST_F(RoutesTest, ReadTheFrontPanel)
{
    const std::string leds = R"({"code":0,"msg":"success","data":{"pwr":true,"hdd":false}})";
    EXPECT_EQ(call("GET", "/api/vm/gpio", ""), leds);
    EXPECT_EQ(call("GET", "/api/vm/gpio/led", ""), leds);
}

TEST_F(RoutesTest, SwitchTheUsbGadget)
{
    const auto said = [&](const char *method, const char *path, const std::string &body) {
        return call(method, path, body);
    };
    gadget.start();
    settle();
    const std::string normal = R"({"code":0,"msg":"success","data":{"mode":"normal"}})";
    EXPECT_EQ(said("GET", "/api/hid/mode", ""), normal);
    EXPECT_EQ(said("POST", "/api/hid/mode", R"({"mode":"hid-only"})"), kDone);
    EXPECT_EQ(said("GET", "/api/hid/mode", ""),
              R"({"code":0,"msg":"success","data":{"mode":"hid-only"}})");
    EXPECT_EQ(said("POST", "/api/vm/device/virtual", R"({"device":"disk"})"),
              R"({"code":-3,"msg":"operation failed: the profile hid-only has none","data":null})");
    EXPECT_EQ(said("POST", "/api/hid/mode", R"({"mode":"normal"})"), kDone);
    EXPECT_EQ(said("POST", "/api/vm/device/virtual", R"({"device":"network"})"),
              R"({"code":0,"msg":"success","data":{"on":true}})");
    EXPECT_EQ(said("POST", "/api/vm/device/virtual", R"({"device":"disk"})"),
              R"({"code":0,"msg":"success","data":{"on":false}})");
    EXPECT_EQ(said("GET", "/api/vm/device/virtual", ""),
              R"({"code":0,"msg":"success","data":{"network":true,"media":false,"disk":false}})");
    EXPECT_EQ(said("POST", "/api/usb", R"({"profile":"normal","network":"rndis"})"), kDone);
    EXPECT_EQ(said("GET", "/api/usb", ""),
              R"({"code":0,"msg":"success","data":{"state":"on","reason":"","cure":"",)"
              R"("profile":"normal","network":"rndis","udc":"port0","host":"configured",)"
              R"("interface":"","interfaceUp":false,)"
              R"("drives":2,"hid":[{"node":"/dev/hidg0","state":"online",)"
              R"("sent":7,"dropped":2,"waiting":1}]}})");
    EXPECT_EQ(said("POST", "/api/hid/reset", ""), kDone);
}

TEST_F(RoutesTest, TakeNoDiskFromAComputerThatUsesItUnlessByForce)
{
    gadget.start();
    settle();
    idle = Error{Kind::Busy, "the computer holds it"};
    const std::string refused = R"({"code":-3,"msg":"operation failed","data":null,)"
                                R"("reason":"the computer holds it"})";
    EXPECT_EQ(call("POST", "/api/usb", R"({"network":"ncm"})"), refused);
    EXPECT_EQ(call("POST", "/api/usb", R"({"profile":"hid-only"})"), refused);
    EXPECT_EQ(call("POST", "/api/hid/mode", R"({"mode":"hid-only","force":false})"), refused);
    EXPECT_EQ(call("POST", "/api/vm/device/virtual", R"({"device":"disk","force":false})"),
              refused);
    EXPECT_EQ(gadget.status().shape, (usb::Shape{}));
    EXPECT_EQ(call("POST", "/api/usb", R"({"profile":"normal"})"), kDone) << "it is that already";
    EXPECT_EQ(call("POST", "/api/usb", R"({"network":"ncm","force":true})"), kDone);
    EXPECT_EQ(call("POST", "/api/vm/device/virtual", R"({"device":"disk"})"),
              R"({"code":0,"msg":"success","data":{"on":false}})");
    EXPECT_EQ(call("POST", "/api/hid/mode", R"({"mode":"hid-only"})"), kDone);
    settle();
    EXPECT_EQ(gadget.status().shape.profile, usb::Profile::HidOnly);
}

TEST_F(RoutesTest, PromiseNoUsbModeThatAChangeUnderWayWillUndo)
{
    gadget.start();
    settle();
    gadget.set_shape({usb::Profile::HidOnly, usb::Network::Off}, [](Result<>) {});
    EXPECT_EQ(call("POST", "/api/hid/mode", R"({"mode":"normal"})"),
              R"({"code":-3,"msg":"operation failed","data":null,)"
              R"("reason":"the USB gadget is being changed"})");
    settle();
    EXPECT_EQ(call("GET", "/api/hid/mode", ""),
              R"({"code":0,"msg":"success","data":{"mode":"hid-only"}})");
}

TEST_F(RoutesTest, RefuseAUsbGadgetThatThereIsNot)
{
    gadget.start();
    settle();
    const std::string invalid = R"({"code":-1,"msg":"invalid arguments)";
    const std::string one = R"({"code":-1,"msg":"invalid argument",)"; // so the NanoKVM spells it
    const std::string unknown = R"({"code":-2,"msg":"invalid arguments",)";
    for (const char *body : {"", "{}", R"({"mode":""})"})
        EXPECT_EQ(call("POST", "/api/hid/mode", body).rfind(invalid, 0), 0u) << body;
    EXPECT_EQ(call("POST", "/api/hid/mode", R"({"mode":"klingon"})").rfind(unknown, 0), 0u);
    for (const char *body : {"", "{}"})
        EXPECT_EQ(call("POST", "/api/vm/device/virtual", body).rfind(one, 0), 0u) << body;
    EXPECT_EQ(call("POST", "/api/vm/device/virtual", R"({"device":"mic"})").rfind(unknown, 0), 0u);
    for (const char *body : {R"({"profile":"klingon"})", R"({"network":"klingon"})"})
        EXPECT_EQ(call("POST", "/api/usb", body).rfind(invalid, 0), 0u) << body;
    configfs->refused_driver = "ncm";
    EXPECT_EQ(
        call("POST", "/api/usb", R"({"network":"ncm"})")
            .rfind(R"({"code":-3,"msg":"operation failed","data":null,"reason":"cannot make )", 0),
        0u);
}

TEST_F(RoutesTest, StopATextThatIsBeingTyped)
{
    const auto cancelled = [](const char *whether) {
        return std::string{R"({"code":0,"msg":"success","data":{"cancelled":)"} + whether + "}}";
    };
    EXPECT_EQ(call("POST", "/api/hid/paste/cancel", ""), cancelled("false"));
    std::optional<Result<size_t>> typed;
    paste.type({"a"}, "abc", "us", [&](Result<size_t> r) { typed = std::move(r); });
    EXPECT_EQ(call("POST", "/api/hid/paste/cancel", ""), cancelled("true"));
    ASSERT_TRUE(typed);
    EXPECT_FALSE(*typed);
}
