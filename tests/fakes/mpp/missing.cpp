// SPDX-License-Identifier: LGPL-2.1-or-later
/// Functions that the library does not offer (STANDIN_MISSING, STANDIN_NO_SYNC): their entries in
/// the table of dynamic symbols, of the copy in memory, become undefined ones, over which dlsym
/// passes. So one file stands for every version of the library. Calls from inside it do not go
/// through that table: nothing in here calls an exported function.
///
/// Source   System V ABI, "Dynamic Section" and "Symbol Table"; the loader puts addresses into the
///          dynamic section, or offsets on some machines
#include "tests/fakes/mpp/exports.h"
#include "tests/fakes/mpp/knobs.h"
#include "tests/fakes/mpp/mpp_standin.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace panto::standin
{

namespace
{

#define STANDIN_NAME(need, ret, name, args) #name,
const char *const kFunctions[] = {PANTO_MPP_FUNCTIONS(STANDIN_NAME)};
#undef STANDIN_NAME

/// The table as the loader looks it up.
struct Symbols {
    ElfW(Sym) *table = nullptr;
    const char *names = nullptr;

    static Symbols own()
    {
        Dl_info info;
        void *map = nullptr;
        Symbols s;
        if (!dladdr1(reinterpret_cast<void *>(&mpp_standin_offer), &info, &map, RTLD_DL_LINKMAP))
            std::abort();
        const auto *const own = static_cast<const link_map *>(map);
        const auto address = [&](ElfW(Addr) a) { return a < own->l_addr ? a + own->l_addr : a; };
        for (const ElfW(Dyn) *d = own->l_ld; d->d_tag != DT_NULL; ++d) {
            if (d->d_tag == DT_SYMTAB)
                s.table = reinterpret_cast<ElfW(Sym) *>(address(d->d_un.d_ptr));
            if (d->d_tag == DT_STRTAB)
                s.names = reinterpret_cast<const char *>(address(d->d_un.d_ptr));
        }
        return s;
    }

    /// The entry of a function that is there, by the loader itself.
    ElfW(Sym) * find(const char *name) const
    {
        Dl_info info;
        void *symbol = nullptr;
        void *const address = dlsym(handle(), name);
        if (!address || !dladdr1(address, &info, &symbol, RTLD_DL_SYMENT))
            return nullptr;
        auto *const entry = const_cast<ElfW(Sym) *>(static_cast<const ElfW(Sym) *>(symbol));
        return entry && std::strcmp(names + entry->st_name, name) == 0 ? entry : nullptr;
    }

    static void *handle()
    {
        Dl_info info;
        dladdr(reinterpret_cast<void *>(&mpp_standin_offer), &info);
        static void *const self = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_LOCAL);
        return self;
    }
};

void write(ElfW(Sym) * entry, const ElfW(Sym) & value)
{
    const auto page = uintptr_t(sysconf(_SC_PAGESIZE));
    const auto from = reinterpret_cast<uintptr_t>(entry) & ~(page - 1);
    const size_t size = reinterpret_cast<uintptr_t>(entry + 1) - from;
    if (mprotect(reinterpret_cast<void *>(from), size, PROT_READ | PROT_WRITE))
        std::abort();
    *entry = value;
    mprotect(reinterpret_cast<void *>(from), size, PROT_READ);
}

void offer()
{
    static std::mutex lock;
    static std::map<ElfW(Sym) *, ElfW(Sym)> hidden; // entry -> what it was
    const std::lock_guard hold{lock};
    const Symbols symbols = Symbols::own();
    for (const auto &[entry, value] : hidden)
        write(entry, value);
    hidden.clear();

    auto missing = knob_list("STANDIN_MISSING");
    if (!offers_sync())
        missing.insert(missing.end(), {"mpp_buffer_sync_begin_f", "mpp_buffer_sync_end_f"});
    for (const auto &name : missing) {
        const bool known = std::any_of(std::begin(kFunctions), std::end(kFunctions),
                                       [&](const char *f) { return name == f; });
        ElfW(Sym) *const entry = known ? symbols.find(name.c_str()) : nullptr;
        if (!entry)
            continue;
        hidden.emplace(entry, *entry);
        ElfW(Sym) undefined = *entry;
        undefined.st_shndx = SHN_UNDEF;
        undefined.st_value = 0;
        write(entry, undefined);
    }
}

[[gnu::constructor]] void offer_at_load()
{
    offer();
}

} // namespace

bool offers_sync()
{
    return knob("STANDIN_NO_SYNC") == 0;
}

} // namespace panto::standin

void mpp_standin_offer()
{
    panto::standin::offer();
}
