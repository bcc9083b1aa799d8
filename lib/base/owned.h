// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

namespace panto
{

/// Sole ownership of a C value: Owned<GError, g_error_free>.
template <auto free_fn>
struct Freed {
    template <class T>
    void operator()(T *p) const
    {
        free_fn(p);
    }
};
template <class T, auto free_fn>
using Owned = std::unique_ptr<T, Freed<free_fn>>;

} // namespace panto
