// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/form.h"

#include <algorithm>
#include <functional>
#include <libsoup/soup.h>

namespace panto::http
{

namespace
{

using Each = std::function<void(std::string name, std::string value)>;

/// One pair at a time, as libsoup's table keeps one of several values only.
void each_of_urlencoded(const std::string &body, const Each &each)
{
    for (size_t at = 0; at < body.size();) {
        const size_t end = std::min(body.find('&', at), body.size());
        GHashTable *pair = soup_form_decode(body.substr(at, end - at).c_str());
        GHashTableIter it;
        gpointer key, value;
        g_hash_table_iter_init(&it, pair);
        while (g_hash_table_iter_next(&it, &key, &value))
            each(static_cast<char *>(key), value ? static_cast<char *>(value) : "");
        g_hash_table_destroy(pair);
        at = end + 1;
    }
}

void each_of_multipart(const Request &rq, const Each &each)
{
    SoupMessageHeaders *headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_MULTIPART);
    soup_message_headers_append(headers, "Content-Type", rq.content_type_line.c_str());
    GBytes *body = g_bytes_new(rq.body.data(), rq.body.size());
    if (SoupMultipart *parts = soup_multipart_new_from_message(headers, body)) {
        for (int i = 0; i < soup_multipart_get_length(parts); ++i) {
            SoupMessageHeaders *part = nullptr;
            GBytes *content = nullptr;
            char *disposition = nullptr;
            GHashTable *params = nullptr;
            if (!soup_multipart_get_part(parts, i, &part, &content) ||
                !soup_message_headers_get_content_disposition(part, &disposition, &params))
                continue;
            gsize size = 0;
            auto *data = static_cast<const char *>(g_bytes_get_data(content, &size));
            if (auto *name = static_cast<char *>(g_hash_table_lookup(params, "name")))
                each(name, data ? std::string{data, size} : "");
            g_hash_table_destroy(params);
            g_free(disposition);
        }
        soup_multipart_free(parts);
    }
    g_bytes_unref(body);
    soup_message_headers_unref(headers);
}

void each_of(const Request &rq, const Each &each)
{
    if (rq.content_type == "multipart/form-data")
        each_of_multipart(rq, each);
    else
        each_of_urlencoded(rq.body, each);
}

} // namespace

std::map<std::string, std::string> form_fields(const Request &rq)
{
    std::map<std::string, std::string> fields = rq.query;
    each_of(rq, [&](std::string name, std::string value) {
        fields[std::move(name)] = std::move(value);
    });
    return fields;
}

std::vector<std::string> form_values(const Request &rq, const char *name)
{
    std::vector<std::string> values;
    each_of(rq, [&](const std::string &found, std::string value) {
        if (g_ascii_strcasecmp(found.c_str(), name) == 0)
            values.push_back(std::move(value));
    });
    return values;
}

} // namespace panto::http
