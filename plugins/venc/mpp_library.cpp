// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/mpp_library.h"

#include "plugins/venc/devices.h"
#include "plugins/venc/where.h"

#include <dlfcn.h>
#include <link.h>
#include <map>
#include <memory>
#include <mutex>

namespace panto::mpp
{

namespace
{

enum Need { required, optional };

Error refusal(const std::string &text)
{
    return {Kind::Unavailable, text};
}

std::string loaded_from(void *so, const std::string &name)
{
    link_map *map = nullptr;
    return dlinfo(so, RTLD_DI_LINKMAP, &map) == 0 && map && *map->l_name ? map->l_name : name;
}

Result<std::unique_ptr<const Library>> load(const std::string &name)
{
    void *so = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!so)
        return refusal("Rockchip's encoder library cannot be loaded: " + std::string{dlerror()});
    auto library = std::make_unique<Library>();
    library->path = loaded_from(so, name);
    std::string missing;
#define PANTO_RESOLVE(need, ret, name, args)                                                       \
    library->name = reinterpret_cast<ret(*) args>(dlsym(so, #name));                               \
    if (need == required && !library->name)                                                        \
        missing += missing.empty() ? #name : ", " #name;
    PANTO_MPP_FUNCTIONS(PANTO_RESOLVE)
#undef PANTO_RESOLVE
    if (!missing.empty())
        return refusal(library->path + " is too old or not Rockchip's: it lacks " + missing);
    return std::unique_ptr<const Library>{std::move(library)};
}

} // namespace

Result<const Library *> load_library()
{
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<const Library>> loaded;
    const std::string name = venc::mpp_library();
    const std::lock_guard lock{mutex};
    if (const auto known = loaded.find(name); known != loaded.end())
        return known->second.get();
    PANTO_TRY(library, load(name));
    return (loaded[name] = std::move(library)).get();
}

Result<> check_devices()
{
    if (auto r = venc::can_open_any({"dev/mpp_service", "dev/mpp-service"}); !r)
        return refusal(r.error().message + (r.error().kind == Kind::NotFound
                                                ? "; it is on Rockchip's boards with the vendor's "
                                                  "kernel only"
                                                : "; its group, video, is needed"));
    // In the order in which the library tries them.
    if (auto r = venc::can_open_any(
            {"dev/dma_heap/system", "dev/dma_heap/system-uncached", "dev/dma_heap/cma",
             "dev/dma_heap/cma-uncached", "dev/dma_heap/system-dma32",
             "dev/dma_heap/system-uncached-dma32", "dev/dma_heap/cma-dma32",
             "dev/dma_heap/cma-uncached-dma32", "dev/dri/card0", "dev/ion"});
        !r)
        return refusal("no memory for the encoder: " + r.error().message);
    return ok;
}

std::string text_of(Ret ret)
{
    const char *name = "";
    switch (ret) {
    case Ret::NullPointer:
        name = " (null pointer)";
        break;
    case Ret::Malloc:
    case Ret::NoMemory:
        name = " (no memory)";
        break;
    case Ret::OpenFile:
        name = " (cannot open)";
        break;
    case Ret::Value:
        name = " (value refused)";
        break;
    case Ret::Timeout:
        name = " (timeout)";
        break;
    case Ret::Permission:
        name = " (not permitted)";
        break;
    case Ret::Init:
    case Ret::CodecInit:
        name = " (cannot start)";
        break;
    case Ret::Hardware:
        name = " (hardware)";
        break;
    case Ret::BufferFull:
        name = " (buffer full)";
        break;
    default:
        break;
    }
    return std::to_string(int(ret)) + name;
}

} // namespace panto::mpp
