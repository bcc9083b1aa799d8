// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/cvi_system.h"

#include "plugins/venc/cvi.h"
#include "plugins/venc/devices.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>

namespace panto::cvi
{

namespace
{

constexpr int kChannels = 16;

/// What -Dvenc-cvi-versions names: the texts of versions that were tried on their boards.
constexpr const char *kVersions[] = {PANTO_CVI_VERSIONS};

std::mutex mutex;
unsigned users = 0; // guarded by the mutex

const char *name_of(CVI_S32 code)
{
    switch (CVI_U32(code) & 0xFFFF) {
    case 0x8002:
        return " (bad channel)";
    case 0x8003:
        return " (value refused)";
    case 0x8004:
        return " (exists)";
    case 0x8005:
        return " (does not exist)";
    case 0x8007:
        return " (not supported)";
    case 0x8009:
        return " (not permitted)";
    case 0x800C:
        return " (no memory)";
    case 0x800D:
        return " (no buffer)";
    case 0x800F:
        return " (full)";
    case 0x8010:
        return " (not ready)";
    case 0x8012:
        return " (busy)";
    case 0x8043:
        return " (empty)";
    default:
        return "";
    }
}

Result<> check_version()
{
    MMF_VERSION_S version{};
    if (const CVI_S32 code = CVI_SYS_GetVersion(&version); code != 0)
        return failure("Sophgo's library does not say its version", code);
    const std::string text{version.version, strnlen(version.version, sizeof version.version)};
    const auto known = [&](const char *tried) { return !text.empty() && text == tried; };
    if (std::any_of(std::begin(kVersions), std::end(kVersions), known))
        return ok;
    return Error{Kind::Unavailable, "Sophgo's library is of version \"" + text +
                                        "\", which was not tried: a build that names it in "
                                        "-Dvenc-cvi-versions takes it"};
}

} // namespace

Error failure(const std::string &what, CVI_S32 code)
{
    char number[16];
    std::snprintf(number, sizeof number, "0x%08X", CVI_U32(code));
    return {Kind::Unavailable, what + ": " + number + name_of(code), code};
}

Result<> check_devices()
{
    std::vector<std::string> nodes;
    for (int n = 0; n < kChannels; ++n)
        nodes.push_back("dev/cvi_vc_enc" + std::to_string(n));
    auto r = venc::can_open_any(nodes);
    if (r)
        return r;
    return Error{Kind::Unavailable,
                 r.error().message +
                     (r.error().kind == Kind::NotFound
                          ? "; it is on Sophgo's boards with the vendor's kernel only"
                          : "; its group, video, is needed")};
}

Result<> check_library()
{
    PANTO_TRY(devices, check_devices());
    static_cast<void>(devices);
    return check_version();
}

Result<System> System::begin()
{
    PANTO_TRY(known, check_version());
    static_cast<void>(known);
    const std::lock_guard lock{mutex};
    if (users == 0)
        if (const CVI_S32 code = CVI_SYS_Init(); code != 0)
            return failure("the system of Sophgo's library does not begin", code);
    ++users;
    return System{};
}

System::~System()
{
    if (!held_)
        return;
    const std::lock_guard lock{mutex};
    if (--users == 0)
        CVI_SYS_Exit();
}

Result<std::unique_ptr<Memory>> Memory::allocate(size_t size)
{
    CVI_U64 physical = 0;
    void *bytes = nullptr;
    const CVI_S32 code = CVI_SYS_IonAlloc(&physical, &bytes, "pantograph", CVI_U32(size));
    if (code != 0 || !bytes)
        return failure("no memory for a picture", code);
    return std::unique_ptr<Memory>{new Memory{physical, bytes, size}};
}

Result<> Memory::flush()
{
    if (const CVI_S32 code = CVI_SYS_IonFlushCache(physical_, bytes_, CVI_U32(size_)); code != 0)
        return failure("a picture does not reach the encoder's memory", code);
    return ok;
}

std::string library_path()
{
    Dl_info info{};
    const auto *function = reinterpret_cast<const void *>(&CVI_VENC_CreateChn);
    return dladdr(function, &info) && info.dli_fname ? info.dli_fname : "";
}

} // namespace panto::cvi
