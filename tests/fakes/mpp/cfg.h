// SPDX-License-Identifier: LGPL-2.1-or-later
/// The encoder's configuration: numbers by key, of which some are set and refused together.
///
/// An object notes a group of keys as changed when a value differs from the object's own copy; the
/// encoder takes whole groups from it, the unset keys of which are zero in a fresh object.
#pragma once

#include "tests/fakes/mpp/exports.h"
#include "tests/fakes/mpp/objects.h"

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace panto::standin
{

/// Keys of one section are refused together.
enum class Section { Base, Prep, Rc, Split, H264, H265, Jpeg, Other };

struct Key {
    const char *name;
    Section section;
    const char *group; ///< keys of one group are changed together; null: a group of its own
    bool idr;          ///< a change makes the next frame an IDR
    int64_t h264, h265, jpeg;
    const char *alias = nullptr; ///< another name of that key
};

std::span<const Key> keys();
constexpr size_t kMostKeys = 160;

/// Position of a key, of the one that it is another name of; -1 if there is none.
int find_key(const std::string &name);

/// A configuration, complete.
class Values
{
public:
    Values() : numbers_(keys().size()) {}
    /// What a new encoder has.
    explicit Values(mpp::Coding coding);
    int64_t operator[](const char *key) const;
    int64_t &at(size_t position) { return numbers_[position]; }
    int64_t at(size_t position) const { return numbers_[position]; }

private:
    std::vector<int64_t> numbers_;
};

/// What a changed configuration asks of the encoder.
struct Change {
    mpp::Ret ret = mpp::Ret::Ok;
    bool idr = false;     ///< the next frame is an IDR, with new headers
    bool bitrate = false; ///< only the rate changes
};

/// Takes what is marked in `from` into `to`, section by section up to the first that is refused.
Change apply(mpp::EncCfg &from, Values &to, mpp::Coding coding);

} // namespace panto::standin

namespace panto::mpp
{

struct EncCfg : standin::Live<standin::Kind::Cfg> {
    EncCfg();
    Ret set(const char *name, int64_t value);
    Ret get(const char *name, int64_t *value) const;

    standin::Values values;                  ///< zero at first
    std::bitset<standin::kMostKeys> changed; ///< by the first key of a group

private:
    std::vector<std::string> refused_;
};

} // namespace panto::mpp
