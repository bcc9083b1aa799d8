// SPDX-License-Identifier: LGPL-2.1-or-later
// Compiled once for each module and program: with PANTO_VENC_CVI where Sophgo's is linked in.
#include "plugins/venc/backends.h"

#include "plugins/venc/cvi.h"
#include "plugins/venc/mpp.h"

namespace panto::venc
{

namespace
{

Result<> mpp_is_usable()
{
    PANTO_TRY(library, mpp::load_library());
    static_cast<void>(library);
    return mpp::check_devices();
}

std::unique_ptr<Session> make_mpp(Note note)
{
    return std::make_unique<mpp::MppSession>(std::move(note));
}

constexpr Backend kBackends[] = {
    {"mpp", mpp::check_devices, mpp_is_usable, make_mpp},
#ifdef PANTO_VENC_CVI
    {"cvi", cvi::check_devices, cvi::check_library, cvi::make_session},
#endif
};

} // namespace

std::span<const Backend> backends()
{
    return kBackends;
}

Result<const Backend *> backend_of(const std::string &name)
{
    for (const Backend &b : kBackends)
        if (name == b.name || (name == "auto" && b.has_devices()))
            return &b;
    if (name == "auto")
        return std::end(kBackends) - 1;
    return Error{Kind::Unavailable,
                 "this build has no encoder for Sophgo's chips: it needs the vendor's kit"};
}

} // namespace panto::venc
