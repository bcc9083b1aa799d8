// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/agent/hands.h"
#include "lib/json/json.h"

#include <span>

namespace panto::agent
{

/// What a tool answers.
struct Outcome {
    json::Object data;
    std::string picture = {}; ///< JPEG, or none
    bool failed = false;
};

/// One argument of a tool: what its schema says and what is checked.
struct Argument {
    enum class Type { Text, Whole, Number, Texts };

    const char *name;
    Type type;
    const char *doc;
    double min = 0; ///< Texts: how many; Text: unused. min = max = 0: any
    double max = 0;
    const char *choices = nullptr; ///< "a|b|c"; nullptr = any text
    const char *preset = nullptr;  ///< what it is when it is left out, as JSON
    bool required = false;
};

/// Kind::Invalid, naming the argument, unless all is there that must be, is of its type and range,
/// and nothing else.
Result<> check(JsonObject *given, std::span<const Argument> arguments);
/// The arguments as a JSON Schema.
json::Object schema(std::span<const Argument> arguments);

/// Tools: what a program may call by name.
///
/// Errors   call(): NotFound: no such tool; Invalid: its arguments; else what Hands and the picture
///          fail with
/// Source   the NanoKVM server's MCP tools: names, arguments, ranges and results
/// Threads  main loop only
class Tools
{
public:
    /// Ends what was begun, if it is not over yet; it answers then, as ever.
    using Cancel = std::function<void(const std::string &why)>;

    struct Screen {
        /// The picture as it is now, as JPEG of that quality, 1 to 100.
        std::function<Cancel(unsigned quality, std::chrono::milliseconds limit, Done<std::string>)>
            picture;
        /// Whether there is one, as the wire's capture-status: {"ok","result","message"}.
        std::function<std::string()> status;
    };

    Tools(Hands &hands, Screen screen) : hands_{hands}, screen_{std::move(screen)} {}

    /// As MCP's tools/list has them.
    static json::Array list();
    /// arguments: null when there are none. What it gives back is null when the call is over.
    Cancel call(const std::string &name, JsonObject *arguments, Done<Outcome> done);

private:
    using Call = void (Tools::*)(JsonObject *, Done<Outcome>);
    struct Tool;
    static std::span<const Tool> all();

    void type_text(JsonObject *given, Done<Outcome> done);
    void press_keys(JsonObject *given, Done<Outcome> done);
    void move_mouse(JsonObject *given, Done<Outcome> done);
    void click_mouse(JsonObject *given, Done<Outcome> done);
    void scroll_mouse(JsonObject *given, Done<Outcome> done);
    void screenshot(JsonObject *given, Done<Outcome> done);
    void perform(std::deque<Hands::Step> steps, Done<Outcome> done,
                 const Outcome &outcome = {json::Object{}.add("ok", true)});

    Hands &hands_;
    Screen screen_;
    Cancel cancel_; // of the call that is being begun
};

} // namespace panto::agent
