// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/envelope.h"

#include "daemon/http/form.h"

#include <glib.h>

namespace panto::api
{

Result<Body> Body::parse(const http::Request &rq)
{
    Body body;
    const size_t first = rq.body.find_first_not_of(" \t\r\n");
    const bool looks_like_json = first != rq.body.npos && rq.body[first] == '{';
    if (rq.content_type == "application/json" ||
        (looks_like_json && rq.content_type != "multipart/form-data")) {
        PANTO_TRY(node, json::parse_object(rq.body));
        body.json_ = node;
        return body;
    }
    body.form_ = http::form_fields(rq);
    return body;
}

http::Response BadBody::refuse(const Error &e) const
{
    const bool other = no_choice && e.code == json::kNoChoice;
    const std::string text = other ? no_choice_msg : msg;
    return tells_why ? failure(other ? no_choice : code, text + ": " + e.message)
                     : failure(other ? no_choice : code, text, e);
}

Result<JsonArray *> Body::list(const char *name) const
{
    JsonNode *node = json_ ? json::member(json::object(json_), name) : nullptr;
    if (!node)
        return nullptr;
    if (!JSON_NODE_HOLDS_ARRAY(node))
        return Error{Kind::Invalid, std::string{name} + ": must be a list"};
    return json_node_get_array(node);
}

bool Body::has(const char *name) const
{
    if (json_)
        return json::has(json::object(json_), name);
    for (const auto &[key, value] : form_)
        if (g_ascii_strcasecmp(key.c_str(), name) == 0)
            return true;
    return false;
}

} // namespace panto::api
