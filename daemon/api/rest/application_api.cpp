// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/application_api.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/http/multipart.h"
#include "daemon/update/source.h"

#include <cerrno>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using state::Notes;
using update::Package;
using update::Source;
using update::Updater;

constexpr char kSource[] = "application-update.json";
constexpr char kPreview[] = "preview_updates";
constexpr size_t kSha256Digits = 64;
constexpr char kBadName[] = "the file must be named pantograph_VERSION_ARCHITECTURE.deb";

struct PreviewBody {
    bool enable = false;
};
constexpr Field<PreviewBody> kPreviewBody[] = {
    {"enable", "Whether previews are updates, too", &PreviewBody::enable},
};
struct SourceBody {
    bool enabled = false;
    std::string url;
};
constexpr Field<SourceBody> kSourceBody[] = {
    required<SourceBody>({"enabled", "Whether there is an update server", &SourceBody::enabled}),
    {"url", "The folder of its latest.json", &SourceBody::url},
};

json::Object shown(const Source &source)
{
    return json::Object{}.add("enabled", source.enabled).add("url", source.url);
}

bool previews(const Notes &notes)
{
    return bool(notes.read(kPreview));
}

void tell_version(Updater &updater, const Notes &notes, const Reply &reply)
{
    const Source source = update::from_text(notes.text(kSource));
    if (!source.enabled)
        return reply(failure(-1, "failed to query latest version",
                             Error{Kind::Unavailable, "no update server is set"}));
    updater.latest(
        source.base(previews(notes)), [reply, &updater](Result<update::Manifest> latest) {
            reply(latest ? success(json::Object{}
                                       .add("current", updater.current())
                                       .add("latest", latest->version))
                         : failure(-1, "failed to query latest version", latest.error()));
        });
}

http::Response update_failure(const Error &e)
{
    return e.kind == Kind::Busy ? failure(-1, e.message)
                                : failure(-1, "update failed: " + e.message);
}

Done<> answer_update(const Reply &reply)
{
    return [reply](Result<> done) { reply(done ? success() : update_failure(done.error())); };
}

/// A form's part `file`, as it arrives.
class PackageSink : public http::BodySink
{
public:
    PackageSink(Updater &updater, http::PartReader reader, std::string sha256)
        : updater_{updater}, reader_{std::move(reader)}, sha256_{std::move(sha256)},
          package_{updater.receive()}
    {
    }
    ~PackageSink() override
    {
        if (!finished_) // it broke off
            updater_.end();
    }

    void take(std::string part, std::function<void()> taken) override
    {
        auto content = reader_.feed(part);
        if (!content)
            refused_ = content.error().message;
        else if (reader_.began() && !update::is_package_name(reader_.filename()))
            refused_ = kBadName;
        if (!refused_.empty())
            return refuse(update_failure(Error{Kind::Invalid, refused_}));
        if (content->empty())
            return taken();
        package_->take(std::move(*content), std::move(taken));
    }
    void finish(Reply reply) override
    {
        finished_ = true;
        const Done<> over = [&updater = updater_, reply](Result<> r) {
            updater.end();
            answer_update(reply)(std::move(r));
        };
        if (refused_.empty() && !reader_.ended())
            refused_ = "there is no whole part named file";
        if (refused_.empty() && !update::is_package_name(reader_.filename()))
            refused_ = kBadName;
        if (!refused_.empty())
            return over(Error{Kind::Invalid, refused_});
        const std::shared_ptr<Package> package = std::move(package_);
        package->finish({sha256_, "", 0},
                        [&updater = updater_, package, over](Result<std::string> path) {
                            path ? updater.install(*path, over) : over(std::move(path.error()));
                        });
    }

private:
    Updater &updater_;
    http::PartReader reader_;
    std::string sha256_, refused_;
    std::unique_ptr<Package> package_;
    bool finished_ = false;
};

std::variant<std::unique_ptr<http::BodySink>, http::Response>
open_package(Updater &updater, const std::function<bool()> &transferring, const Request &rq)
{
    const bool hex = rq.checksum.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (!rq.checksum.empty() && (rq.checksum.size() != kSha256Digits || !hex))
        return failure(-1, "update failed: invalid sha256 checksum");
    auto reader = http::PartReader::create(rq.content_type_line, "file");
    if (!reader)
        return failure(-1, "update failed: invalid multipart data: " + reader.error().message);
    if (transferring())
        return failure(-1, "update failed: a download is in progress");
    if (!updater.begin())
        return failure(-1, "update already in progress");
    return std::make_unique<PackageSink>(updater, std::move(*reader), rq.checksum);
}

void set_preview(Notes &notes, const PreviewBody &body, const Reply &reply)
{
    const Done<> done = [reply, on = body.enable](Result<> kept) {
        reply(kept ? success()
                   : failure(on ? -2 : -3, on ? "enable failed" : "disable failed", kept.error()));
    };
    body.enable ? notes.write(kPreview, "1", done) : notes.remove(kPreview, done);
}

void set_source(Notes &notes, const SourceBody &body, const Reply &reply)
{
    auto source = update::check_source(body.enabled, body.url);
    if (!source)
        return reply(failure(-2, source.error().message));
    notes.write(kSource, update::to_text(*source), [reply, now = *source](Result<> kept) {
        reply(kept ? success(shown(now))
                   : failure(-3, "failed to save update server config", kept.error()));
    });
}

} // namespace

std::vector<http::Route> application_routes(Updater &updater, Notes &notes,
                                            std::function<bool()> transferring)
{
    const auto version = [&updater, &notes](const Request &, Reply reply) {
        tell_version(updater, notes, reply);
    };
    const auto update = [&updater, &notes, transferring](const Request &, Reply reply) {
        const Source source = update::from_text(notes.text(kSource));
        if (!source.enabled)
            return reply(failure(-1, "update failed: no update server is set"));
        if (transferring())
            return reply(failure(-1, "update failed: a download is in progress"));
        updater.update(source.base(previews(notes)), answer_update(reply));
    };
    const auto offline = [&updater, transferring](const Request &rq) {
        return open_package(updater, transferring, rq);
    };
    const auto preview = [&notes](const Request &, Reply reply) {
        reply(success(json::Object{}.add("enabled", previews(notes))));
    };
    const auto prefer = [&notes](const PreviewBody &body, const Request &, Reply reply) {
        set_preview(notes, body, reply);
    };
    const auto source = [&notes](const Request &, Reply reply) {
        const auto kept = notes.read(kSource);
        if (!kept && kept.error().kind != Kind::NotFound)
            return reply(failure(-1, "failed to load update server config", kept.error().message));
        reply(success(shown(kept ? update::from_text(*kept) : Source{})));
    };
    const auto choose = [&notes](const SourceBody &body, const Request &, Reply reply) {
        set_source(notes, body, reply);
    };
    return {
        {"GET", "/api/application/version", Role::Admin, "Tells the version here and the newest",
         version},
        {"GET", "/api/firmware/version", Role::Admin, "Tells the version here and the newest",
         version},
        {"POST", "/api/application/update", Role::Admin, "Installs the update server’s newest",
         without_fields(update)},
        {"POST", "/api/application/update/offline", Role::Admin,
         "Installs a package: a form with a part named file", http::Take{offline}},
        {"GET", "/api/application/preview", Role::Admin, "Tells whether previews are updates, too",
         preview},
        {"POST", "/api/application/preview", Role::Admin, "Chooses whether they are",
         with_body(kPreviewBody, prefer)},
        {"GET", "/api/application/update-server", Role::Admin, "Tells where updates come from",
         source},
        {"POST", "/api/application/update-server", Role::Admin, "Sets where updates come from",
         with_body(kSourceBody, choose)},
    };
}

} // namespace panto::api
