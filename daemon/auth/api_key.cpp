// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/api_key.h"

#include "daemon/auth/bytes.h"
#include "lib/json/json.h"

namespace panto::auth
{

namespace
{

constexpr size_t kKeyBytes = 32;
constexpr char kMember[] = "apiKey";

Result<std::string> read_key(const Result<std::string> &kept)
{
    if (!kept)
        return kept.error();
    auto node = json::parse_object(*kept);
    auto key = node ? json::text_at(json::object(*node), kMember) : std::nullopt;
    if (!key || key->empty())
        return Error{Kind::Unavailable, "the file of the API key holds none"};
    return *key;
}

} // namespace

ApiKey::ApiKey(std::string prefix, const Result<std::string> &kept, Keep keep)
    : prefix_{std::move(prefix)}, keep_{std::move(keep)}, key_{read_key(kept)}
{
}

void ApiKey::ensure(Done<> done)
{
    if (key_)
        return done(ok);
    if (key_.error().kind != Kind::NotFound)
        return done(key_.error());
    renew(std::move(done));
}

void ApiKey::renew(Done<> done)
{
    const std::string key = prefix_ + base64url(random_bytes(kKeyBytes));
    keep_(json::Object{}.add(kMember, key).text(),
          [this, key, done = std::move(done)](Result<> kept) {
              if (kept)
                  key_ = key;
              if (kept && on_changed)
                  on_changed();
              done(std::move(kept));
          });
}

} // namespace panto::auth
