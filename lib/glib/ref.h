// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/owned.h"

#include <glib-object.h>
#include <type_traits>
#include <utility>

namespace panto
{

/// How to count one C type. No primary definition: an unlisted type does not compile.
/// A room lists the types it uses in its own header, with one PANTO_COUNTED line for each.
template <class T>
struct Counted;

#define PANTO_COUNTED(T, ref_fn, unref_fn)                                                         \
    template <>                                                                                    \
    struct panto::Counted<T> {                                                                     \
        static void ref(T *p) { ref_fn(p); }                                                       \
        static void unref(T *p) { unref_fn(p); }                                                   \
    };

} // namespace panto

PANTO_COUNTED(GObject, g_object_ref, g_object_unref)

namespace panto
{

/// One counted reference. Which constructor to use is written in the C documentation:
/// (transfer full) adopt, (transfer none) share, floating sink.
template <class T>
class Ref
{
public:
    Ref() = default;
    static Ref adopt(T *p) { return Ref{p}; }
    static Ref share(T *p) { return p ? Counted<T>::ref(p), Ref{p} : Ref{}; }
    static Ref sink(T *p) { return p ? g_object_ref_sink(p), Ref{p} : Ref{}; }

    Ref(const Ref &o) : Ref{share(o.p_)} {}
    Ref(Ref &&o) noexcept : p_{std::exchange(o.p_, nullptr)} {}
    Ref &operator=(Ref o) noexcept
    {
        std::swap(p_, o.p_);
        return *this;
    }
    ~Ref()
    {
        if (p_)
            Counted<T>::unref(p_);
    }

    T *get() const { return p_; }                    // lend for the length of a call
    T *give() { return std::exchange(p_, nullptr); } // pass to a (transfer full) argument
    explicit operator bool() const { return p_ != nullptr; }

private:
    explicit Ref(T *p) : p_{p} {}
    T *p_ = nullptr;
};

/// A signal handler that cannot outlive its owner: dying disconnects it.
class Connection
{
public:
    Connection() = default;
    Connection(gpointer object, gulong id) : object_{G_OBJECT(g_object_ref(object))}, id_{id} {}
    Connection(Connection &&o) noexcept
        : object_{std::exchange(o.object_, nullptr)}, id_{std::exchange(o.id_, 0)}
    {
    }
    Connection &operator=(Connection o) noexcept
    {
        std::swap(object_, o.object_);
        std::swap(id_, o.id_);
        return *this;
    }
    ~Connection()
    {
        if (!object_)
            return;
        if (g_signal_handler_is_connected(object_, id_))
            g_signal_handler_disconnect(object_, id_);
        g_object_unref(object_);
    }
    explicit operator bool() const { return object_ != nullptr; }

private:
    GObject *object_ = nullptr;
    gulong id_ = 0;
};

} // namespace panto
