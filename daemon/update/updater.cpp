// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/update/updater.h"

#include "daemon/observe/log.h"
#include "daemon/system/program.h"
#include "lib/glib/offload.h"

#include <ctime>
#include <unistd.h>

namespace panto::update
{

namespace
{

constexpr std::chrono::seconds kManifestTime{5};
constexpr std::chrono::minutes kPackageTime{14}; // a client waits for 15
constexpr std::chrono::minutes kInstallTime{1};  // until it runs on its own

/// One GET: ends by itself, or when its time is up.
struct Getting {
    fetch::Transfer transfer;
    Source deadline;
    Done<> done;
    std::function<void(std::string, std::function<void()>)> on_part;

    void end(Result<> r)
    {
        deadline = {};
        if (auto fn = std::exchange(done, nullptr))
            fn(std::move(r));
    }
};

void get(const fetch::Start &start, const std::string &url, std::chrono::milliseconds longest,
         std::function<void(std::string, std::function<void()>)> on_part, Done<> done)
{
    auto getting = std::make_shared<Getting>();
    // The transfer goes when this call is over: it may be what is calling.
    getting->done = [getting, done = std::move(done)](Result<> r) {
        post([getting] { getting->transfer = nullptr; });
        done(std::move(r));
    };
    getting->on_part = std::move(on_part);
    getting->deadline = after(longest, [getting] {
        getting->end(Error{Kind::Timeout, "the update server took too long"});
    });
    getting->transfer = start(
        {url, 0, ""}, {[getting](Result<fetch::Head> head, const std::function<void()> &read) {
                           head ? read() : getting->end(std::move(head.error()));
                       },
                       [getting](std::string part, std::function<void()> taken) {
                           if (getting->done)
                               getting->on_part(std::move(part), std::move(taken));
                       },
                       [getting](Result<> ended) { getting->end(std::move(ended)); }});
}

/// The package manager as a unit of its own: it stops and starts us.
std::vector<std::string> installer(const std::string &path)
{
    return {"systemd-run",
            "--collect",
            "--no-block",
            "--unit=pantograph-update",
            "--property=Type=oneshot",
            "--setenv=DEBIAN_FRONTEND=noninteractive",
            "--property=ExecStopPost=/bin/rm -f " + path,
            "dpkg",
            "--install",
            path};
}

} // namespace

Updater::Updater(std::string folder, std::string current)
    : folder_{std::move(folder)}, current_{std::move(current)}
{
}

void Updater::latest(const std::string &base, Done<Manifest> done)
{
    const auto text = std::make_shared<std::string>();
    const auto collect = [text](const std::string &part, const std::function<void()> &taken) {
        *text +=
            part.substr(0, kMostManifestBytes + 1 - std::min(text->size(), kMostManifestBytes));
        taken();
    };
    update::get(
        fetch, base + "/latest.json?now=" + std::to_string(std::time(nullptr)), kManifestTime,
        collect, [text, done = std::move(done)](Result<> got) {
            if (!got)
                return done(std::move(got.error()));
            if (text->size() > kMostManifestBytes)
                return done(Error{Kind::Invalid, "the update server's manifest: over 64 KiB"});
            done(parse_manifest(*text));
        });
}

bool Updater::begin()
{
    return !std::exchange(busy_, true);
}

void Updater::update(const std::string &base, Done<> done)
{
    if (!begin())
        return done(Error{Kind::Busy, "update already in progress"});
    const Done<> over = [weak = self_.weak(), done = std::move(done)](Result<> r) {
        if (auto *self = alive(weak))
            self->end();
        done(std::move(r));
    };
    latest(base, [weak = self_.weak(), base, over](Result<Manifest> manifest) {
        auto *self = alive(weak);
        if (!self || !manifest)
            return over(manifest ? ok : Result<>{std::move(manifest.error())});
        if (!is_newer(manifest->version, self->current_))
            return over(Error{Kind::Conflict, "the server has " + manifest->version + ", and " +
                                                  self->current_ + " runs here"});
        self->get(base, *manifest, over);
    });
}

void Updater::get(const std::string &base, const Manifest &manifest, Done<> done)
{
    log_message("update", "package", {{"name", manifest.name}, {"from", base}});
    const std::shared_ptr<Package> package = receive();
    const auto store = [package](std::string part, std::function<void()> taken) {
        package->take(std::move(part), std::move(taken));
    };
    const Expected expected{"", manifest.sha512, manifest.size_bytes};
    update::get(fetch, base + "/" + manifest.name, kPackageTime, store,
                [weak = self_.weak(), package, expected, done](Result<> got) {
                    if (!got)
                        return done(std::move(got));
                    package->finish(expected, [weak, package, done](Result<std::string> path) {
                        auto *self = alive(weak);
                        if (!self || !path)
                            return done(path ? ok : Result<>{std::move(path.error())});
                        self->install(*path, done);
                    });
                });
}

std::unique_ptr<Package> Updater::receive()
{
    return std::make_unique<Package>(folder_ + "/package.deb");
}

void Updater::install(const std::string &path, Done<> done)
{
    const auto give_up = [path, done](Error why) {
        offload([path] { return unlink(path.c_str()); }, [done, why](int) { done(why); });
    };
    const auto run_installer = [path, done, give_up] {
        system::run_well({installer(path), kInstallTime}, [done,
                                                           give_up](Result<std::string> said) {
            if (!said)
                return give_up(std::move(said.error()));
            log_message("update", "the package manager installs; its unit is pantograph-update");
            done(ok);
        });
    };
    system::run_well({{"dpkg-deb", "--field", path, "Package"}},
                     [run_installer, give_up](Result<std::string> name) {
                         if (!name)
                             return give_up(std::move(name.error()));
                         if (*name != "pantograph\n")
                             return give_up({Kind::Invalid, "this is no package of pantograph"});
                         run_installer();
                     });
}

} // namespace panto::update
