// SPDX-License-Identifier: LGPL-2.1-or-later
/// Images that come from a web server, and the NanoKVM's form for one that is uploaded.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/api/rest/form_upload.h"

#include <unistd.h>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using storage::Downloads;
using storage::Storage;

struct DownloadBody {
    std::string file, sha256sum;
};
constexpr Field<DownloadBody> kDownload[] = {
    required<DownloadBody>({"file", "http or https URL of the image", &DownloadBody::file}),
    {"sha256sum", "Its SHA-256; empty: it is not checked", &DownloadBody::sha256sum},
};

json::Object described(const Downloads::Status &s)
{
    return json::Object{}
        .add("status", name_of(s.state))
        .add("file", s.url)
        .add("percentage", s.percentage)
        .add("reason", s.reason);
}

void start(Storage &storage, const DownloadBody &body, const Reply &reply)
{
    Downloads &downloads = storage.downloads();
    if (auto started = downloads.start(body.file, body.sha256sum); !started)
        return reply(transfer_refusal(started.error()));
    reply(success(described(downloads.status())));
}

void cancel(Storage &storage, const Reply &reply)
{
    storage.downloads().cancel(
        [reply](Result<> done) { reply(done ? success() : failure(-1, done.error().message)); });
}

/// Whether the folder takes files, or can be made.
bool takes_files(const storage::Library &library)
{
    const auto folder = library.open_folder();
    return folder && ::faccessat(folder->get(), ".", W_OK | X_OK, 0) == 0;
}

void tell_enabled(Storage &storage, const Reply &reply)
{
    storage.on_disk(takes_files, [reply](bool enabled) {
        reply(success(json::Object{}.add("enabled", enabled)));
    });
}

} // namespace

std::vector<http::Route> download_routes(Storage &storage)
{
    return {
        {"GET", "/api/download/image/enabled", Role::Admin, "Tells whether images can be stored",
         [&storage](const Request &, Reply reply) { tell_enabled(storage, reply); }},
        {"GET", "/api/download/image/status", Role::Admin, "Tells how far the download is",
         [&storage](const Request &, Reply reply) {
             reply(success(described(storage.downloads().status())));
         }},
        {"POST", "/api/download/image", Role::Admin, "Fetches an image from a URL",
         with_body(kDownload, [&storage](const DownloadBody &b, const Request &,
                                         Reply reply) { start(storage, b, reply); })},
        {"POST", "/api/download/image/cancel", Role::Admin, "Gives the download up",
         without_fields([&storage](const Request &, Reply reply) { cancel(storage, reply); })},
        {"POST", "/api/download/file", Role::Admin, "Uploads a disc image by a form",
         http::Take{[&storage](const Request &rq) { return open_form(storage, rq); }}},
    };
}

} // namespace panto::api
