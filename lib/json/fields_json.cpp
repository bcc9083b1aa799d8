// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/json/fields_json.h"

namespace panto::json
{

Incoming incoming(JsonNode *node)
{
    Incoming in;
    if (!JSON_NODE_HOLDS_VALUE(node))
        return in;
    const GType type = json_node_get_value_type(node);
    if (type == G_TYPE_BOOLEAN)
        in.truth = json_node_get_boolean(node) != FALSE;
    else if (type == G_TYPE_INT64)
        in.number = json_node_get_int(node);
    else if (type == G_TYPE_STRING)
        in.text = json_node_get_string(node);
    return in;
}

Incoming incoming(const std::string &form_value)
{
    Incoming in;
    in.text = form_value;
    int64_t number = 0;
    const char *end = form_value.data() + form_value.size();
    const auto r = std::from_chars(form_value.data(), end, number);
    if (form_value.empty() || (r.ec == std::errc{} && r.ptr == end))
        in.number = number;
    for (const char *word : {"", "0", "f", "false"}) {
        if (g_ascii_strcasecmp(form_value.c_str(), word) == 0)
            in.truth = false;
    }
    for (const char *word : {"1", "t", "true"}) {
        if (g_ascii_strcasecmp(form_value.c_str(), word) == 0)
            in.truth = true;
    }
    return in;
}

bool is_choice(const char *choices, const std::string &text)
{
    if (!choices)
        return true;
    return text.find('|') == std::string::npos &&
           ("|" + std::string{choices} + "|").find("|" + text + "|") != std::string::npos;
}

} // namespace panto::json
