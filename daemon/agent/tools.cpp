// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/tools.h"

#include "daemon/agent/deeds.h"
#include "lib/jpeg/markers.h"
#include "lib/usbhid/report.h"

#include <algorithm>

namespace panto::agent
{

namespace
{

using std::chrono::milliseconds;
using Type = Argument::Type;

constexpr double kLongestDelta = 32767; // our own: further than any desktop is wide
constexpr int64_t kPictureTime = 10000; // ms, unless said otherwise
constexpr int64_t kQuality = 80;        // the same

constexpr Argument kTypeText[] = {
    {"text", Type::Text, "What to type on a US keyboard; a line feed is Enter", 0, 1000, nullptr,
     nullptr, true},
    {"delayMs", Type::Whole, "From one character to the next; all must take at most 30 s", 0, 1000,
     nullptr, "30"},
};
constexpr Argument kPressKeys[] = {
    {"keys", Type::Texts,
     "Held together: DOM codes such as ControlLeft and KeyC, or short names such as ctrl and c; at "
     "most 6 beside the modifiers",
     1, 14, nullptr, nullptr, true},
    {"holdMs", Type::Whole, "How long they are held", 0, 1000, nullptr, "50"},
};
constexpr Argument kMoveMouse[] = {
    {"mode", Type::Text, "absolute takes x and y, relative takes deltaX and deltaY", 0, 0,
     "absolute|relative", "\"absolute\""},
    {"x", Type::Number, "0 is the screen's left edge, 1 its right one", 0, 1},
    {"y", Type::Number, "0 is the screen's upper edge, 1 its lower one", 0, 1},
    {"deltaX", Type::Whole, "Steps of the mouse to the right", -kLongestDelta, kLongestDelta},
    {"deltaY", Type::Whole, "Steps of the mouse down", -kLongestDelta, kLongestDelta},
};
constexpr Argument kClickMouse[] = {
    {"button", Type::Text, "Which button", 0, 0, "left|right|middle", nullptr, true},
    {"clicks", Type::Whole, "How often: 2 is a double click", 1, 5, nullptr, "1"},
    {"mode", Type::Text, "relative clicks where the pointer is, absolute at x and y", 0, 0,
     "relative|absolute", "\"relative\""},
    {"x", Type::Number, "With absolute: 0 is the screen's left edge, 1 its right one", 0, 1},
    {"y", Type::Number, "With absolute: 0 is the screen's upper edge, 1 its lower one", 0, 1},
};
constexpr Argument kScrollMouse[] = {
    {"deltaY", Type::Whole, "Notches of the wheel, above 0 is down", -127, 127, nullptr, nullptr,
     true},
};
constexpr Argument kScreenshot[] = {
    {"quality", Type::Whole, "Quality of the JPEG; left out, it is 80", 51, 60},
    {"timeoutMs", Type::Whole, "How long to wait for a picture", 0, 30000, nullptr, "10000"},
};

int64_t whole(JsonObject *given, const char *name, int64_t preset)
{
    return int64_t(json::number_at(given, name).value_or(double(preset)));
}

/// x and y, when both are there.
std::optional<Place> place(JsonObject *given)
{
    const auto x = json::number_at(given, "x"), y = json::number_at(given, "y");
    return x && y ? std::optional{Place{*x, *y}} : std::nullopt;
}

Outcome no_picture(int64_t code, const std::string &message)
{
    return {json::Object{}
                .add("ok", false)
                .add("retCode", code)
                .add("message", message)
                .add("width", 0)
                .add("height", 0)
                .add("size", 0),
            {},
            true};
}

Outcome picture(std::string jpeg)
{
    const auto header =
        jpeg::read_header({reinterpret_cast<const uint8_t *>(jpeg.data()), jpeg.size()});
    json::Object data;
    data.add("ok", true)
        .add("retCode", 0)
        .add("message", "")
        .add("width", header ? header->width : 0)
        .add("height", header ? header->height : 0)
        .add("size", jpeg.size());
    return {data, std::move(jpeg)};
}

Error invalid(const char *what)
{
    return {Kind::Invalid, what};
}

} // namespace

struct Tools::Tool {
    const char *name;
    const char *summary;
    std::span<const Argument> arguments;
    bool looks_only;
    Call call;
};

std::span<const Tools::Tool> Tools::all()
{
    static const Tool tools[] = {
        {"cube_type_text", "Types a text on the computer's keyboard", kTypeText, false,
         &Tools::type_text},
        {"cube_press_keys", "Presses keys together and lets them go", kPressKeys, false,
         &Tools::press_keys},
        {"cube_move_mouse", "Moves the computer's pointer", kMoveMouse, false, &Tools::move_mouse},
        {"cube_click_mouse", "Clicks where the pointer is, or at a place", kClickMouse, false,
         &Tools::click_mouse},
        {"cube_scroll_mouse", "Turns the mouse's wheel", kScrollMouse, false, &Tools::scroll_mouse},
        {"cube_screenshot", "Shows the computer's screen as it is now", kScreenshot, true,
         &Tools::screenshot},
    };
    return tools;
}

json::Array Tools::list()
{
    json::Array out;
    for (const Tool &t : all())
        out.add(json::Object{}
                    .add("name", t.name)
                    .add("description", t.summary)
                    .add("inputSchema", schema(t.arguments))
                    .add("annotations", json::Object{}.add("readOnlyHint", t.looks_only)));
    return out;
}

Tools::Cancel Tools::call(const std::string &name, JsonObject *arguments, Done<Outcome> done)
{
    const auto tools = all();
    const auto tool =
        std::find_if(tools.begin(), tools.end(), [&name](const Tool &t) { return name == t.name; });
    if (tool == tools.end())
        done(Error{Kind::NotFound, "no such tool"});
    else if (auto checked = check(arguments, tool->arguments); !checked)
        done(std::move(checked.error()));
    else
        (this->*tool->call)(arguments, std::move(done));
    return std::exchange(cancel_, nullptr);
}

void Tools::perform(std::deque<Hands::Step> steps, Done<Outcome> done, const Outcome &outcome)
{
    const uint64_t deed =
        hands_.perform(std::move(steps), [outcome, done = std::move(done)](Result<> over) {
            over ? done(outcome) : done(std::move(over.error()));
        });
    cancel_ = [this, deed](const std::string &why) { hands_.cancel(deed, why); };
}

void Tools::type_text(JsonObject *given, Done<Outcome> done)
{
    auto plan = typing(*json::text_at(given, "text"), milliseconds{whole(given, "delayMs", 30)});
    if (!plan)
        return done(std::move(plan.error()));
    Outcome outcome;
    outcome.data.add("typed", plan->typed);
    if (!plan->skipped.empty())
        outcome.data.add("skipped", json::array_of(plan->skipped));
    outcome.data.add("skippedCount", plan->skipped.size());
    perform(std::move(plan->steps), std::move(done), outcome);
}

void Tools::press_keys(JsonObject *given, Done<Outcome> done)
{
    auto steps =
        key_press(*json::texts_at(given, "keys"), milliseconds{whole(given, "holdMs", 50)});
    if (!steps)
        return done(std::move(steps.error()));
    perform(std::move(*steps), std::move(done));
}

void Tools::move_mouse(JsonObject *given, Done<Outcome> done)
{
    if (json::text_at(given, "mode").value_or("absolute") == "relative") {
        if (!json::number_at(given, "deltaX") && !json::number_at(given, "deltaY"))
            return done(invalid("deltaX or deltaY is required with mode relative"));
        return perform(move_by(int(whole(given, "deltaX", 0)), int(whole(given, "deltaY", 0))),
                       std::move(done));
    }
    const auto where = place(given);
    if (!where)
        return done(invalid("x and y are required with mode absolute"));
    perform(move_to(*where), std::move(done));
}

void Tools::click_mouse(JsonObject *given, Done<Outcome> done)
{
    const std::string button = *json::text_at(given, "button");
    const bool absolute = json::text_at(given, "mode").value_or("relative") == "absolute";
    const auto where = place(given);
    if (absolute && !where)
        return done(invalid("x and y are required with mode absolute"));
    if (!absolute && (json::number_at(given, "x") || json::number_at(given, "y")))
        return done(invalid("x and y need mode absolute")); // a click elsewhere may do harm
    perform(clicks(button == "left"    ? hid::kLeft
                   : button == "right" ? hid::kRight
                                       : hid::kMiddle,
                   unsigned(whole(given, "clicks", 1)), where),
            std::move(done));
}

void Tools::scroll_mouse(JsonObject *given, Done<Outcome> done)
{
    perform(scroll(int(whole(given, "deltaY", 0))), std::move(done));
}

void Tools::screenshot(JsonObject *given, Done<Outcome> done)
{
    auto status = json::parse_object(screen_.status());
    if (JsonObject *known = status ? json::object(*status) : nullptr)
        if (const int64_t code = json::whole_at(known, "result").value_or(0); code < 0)
            return done(no_picture(code, json::text_at(known, "message").value_or("")));
    cancel_ = screen_.picture(unsigned(whole(given, "quality", kQuality)),
                              milliseconds{whole(given, "timeoutMs", kPictureTime)},
                              [done = std::move(done)](Result<std::string> jpeg) {
                                  if (!jpeg)
                                      return done(no_picture(-1, jpeg.error().message));
                                  done(picture(std::move(*jpeg)));
                              });
}

} // namespace panto::agent
