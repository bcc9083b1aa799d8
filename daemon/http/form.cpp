// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/form.h"

#include <libsoup/soup.h>

namespace panto::http
{

namespace
{

void take(std::map<std::string, std::string> &fields, GHashTable *table)
{
    GHashTableIter it;
    gpointer key, value;
    g_hash_table_iter_init(&it, table);
    while (g_hash_table_iter_next(&it, &key, &value))
        fields[static_cast<char *>(key)] = value ? static_cast<char *>(value) : "";
    g_hash_table_destroy(table);
}

void take_multipart(std::map<std::string, std::string> &fields, const Request &rq)
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
                fields[name].assign(data ? data : "", size);
            g_hash_table_destroy(params);
            g_free(disposition);
        }
        soup_multipart_free(parts);
    }
    g_bytes_unref(body);
    soup_message_headers_unref(headers);
}

} // namespace

std::map<std::string, std::string> form_fields(const Request &rq)
{
    std::map<std::string, std::string> fields = rq.query;
    if (rq.content_type == "multipart/form-data")
        take_multipart(fields, rq);
    else
        take(fields, soup_form_decode(rq.body.c_str()));
    return fields;
}

} // namespace panto::http
