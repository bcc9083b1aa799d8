// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/fields.h"

#include <gst/gst.h>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace panto::gst
{

/// The whole GObject shell of an element. Impl supplies Parent, ParentClass, kTypeName, kFields,
/// parent_type() and class_init(); everything else about the element is an ordinary C++ class.
template <class Impl>
struct Instance {
    typename Impl::Parent parent;
    Impl *impl;
};

template <class Impl>
Impl &impl(gpointer self)
{
    return *static_cast<Instance<Impl> *>(self)->impl;
}

/// The enumeration of a field's choices, "a|b|c", so that gst-inspect-1.0 lists them; registered
/// once for each name.
inline GType choices_type(const char *owner, const char *field, const char *choices)
{
    g_autofree char *name = g_strconcat(owner, "-", field, nullptr);
    if (const GType known = g_type_from_name(name))
        return known;
    char **words = g_strsplit(choices, "|", -1); // these, too, live as long as the type: for ever
    auto *values = g_new0(GEnumValue, g_strv_length(words) + 1);
    for (gint i = 0; words[i]; ++i)
        values[i] = {i, words[i], words[i]};
    g_free(words);
    return g_enum_register_static(name, values);
}

/// The enumeration's class; static types keep theirs.
inline GEnumClass *choices_class(GType type)
{
    return static_cast<GEnumClass *>(g_type_class_ref(type));
}

// Not inlined, all three: with S in sight GCC 12 takes the visit's branch for a type S has no
// member of to be reachable, and warns that it would read beyond S.

template <class S>
[[gnu::noinline]] GParamSpec *spec(const char *type_name, const S &defaults, const Field<S> &f)
{
    const auto flags = GParamFlags(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                   (f.live ? GST_PARAM_MUTABLE_PLAYING : GST_PARAM_MUTABLE_READY));
    return std::visit(
        [&](auto at) -> GParamSpec * {
            using V = std::remove_cvref_t<decltype(defaults.*at)>;
            if constexpr (std::is_same_v<V, bool>)
                return g_param_spec_boolean(f.name, f.name, f.doc, defaults.*at, flags);
            else if constexpr (std::is_same_v<V, int>)
                return g_param_spec_int(f.name, f.name, f.doc, int(f.min), int(f.max), defaults.*at,
                                        flags);
            else if constexpr (std::is_same_v<V, unsigned>)
                return g_param_spec_uint(f.name, f.name, f.doc, unsigned(f.min), unsigned(f.max),
                                         defaults.*at, flags);
            else if (!f.choices)
                return g_param_spec_string(f.name, f.name, f.doc, (defaults.*at).c_str(), flags);
            else {
                const GType type = choices_type(type_name, f.name, f.choices);
                const GEnumValue *v =
                    g_enum_get_value_by_nick(choices_class(type), (defaults.*at).c_str());
                g_assert(v); // the default is one of its choices
                return g_param_spec_enum(f.name, f.name, f.doc, type, v->value, flags);
            }
        },
        f.at);
}

template <class S>
[[gnu::noinline]] void set(S &s, const Field<S> &f, const GValue *v)
{
    std::visit(
        [&](auto at) {
            using V = std::remove_cvref_t<decltype(s.*at)>;
            if constexpr (std::is_same_v<V, bool>)
                s.*at = g_value_get_boolean(v);
            else if constexpr (std::is_same_v<V, int>)
                s.*at = g_value_get_int(v);
            else if constexpr (std::is_same_v<V, unsigned>)
                s.*at = g_value_get_uint(v);
            else if (G_VALUE_HOLDS_ENUM(v))
                s.*at = g_enum_get_value(choices_class(G_VALUE_TYPE(v)), g_value_get_enum(v))
                            ->value_nick;
            else
                s.*at = g_value_get_string(v) ? g_value_get_string(v) : "";
        },
        f.at);
}

template <class S>
[[gnu::noinline]] void get(const S &s, const Field<S> &f, GValue *v)
{
    std::visit(
        [&](auto at) {
            using V = std::remove_cvref_t<decltype(s.*at)>;
            if constexpr (std::is_same_v<V, bool>)
                g_value_set_boolean(v, s.*at);
            else if constexpr (std::is_same_v<V, int>)
                g_value_set_int(v, s.*at);
            else if constexpr (std::is_same_v<V, unsigned>)
                g_value_set_uint(v, s.*at);
            else if (G_VALUE_HOLDS_ENUM(v))
                g_value_set_enum(
                    v, g_enum_get_value_by_nick(choices_class(G_VALUE_TYPE(v)), (s.*at).c_str())
                           ->value);
            else
                g_value_set_string(v, (s.*at).c_str());
        },
        f.at);
}

/// A settings struct guarded by a mutex: writers are property setters, readers take a copy.
template <class S>
class Guarded
{
public:
    S copy() const
    {
        std::lock_guard lock{m_};
        return s_;
    }
    template <class F>
    auto with(F f)
    {
        std::lock_guard lock{m_};
        return f(s_);
    }

private:
    mutable std::mutex m_;
    S s_;
};

/// What an element can tell of itself, shown as a read-only property; Impl lists them in
/// kCounters.
template <class Impl>
struct Counter {
    const char *name;
    const char *doc;
    /// Called on any thread; the structure is the caller's.
    std::variant<uint64_t (*)(const Impl &), std::string (*)(const Impl &),
                 GstStructure *(*)(const Impl &)>
        value;
};

template <class Impl>
[[gnu::noinline]] GParamSpec *spec(const Counter<Impl> &c)
{
    constexpr auto flags = GParamFlags(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    return std::visit(
        [&](auto value) -> GParamSpec * {
            using V = decltype(value(std::declval<const Impl &>()));
            if constexpr (std::is_same_v<V, uint64_t>)
                return g_param_spec_uint64(c.name, c.name, c.doc, 0, G_MAXUINT64, 0, flags);
            else if constexpr (std::is_same_v<V, std::string>)
                return g_param_spec_string(c.name, c.name, c.doc, "", flags);
            else
                return g_param_spec_boxed(c.name, c.name, c.doc, GST_TYPE_STRUCTURE, flags);
        },
        c.value);
}

template <class Impl>
[[gnu::noinline]] void get(const Impl &impl, const Counter<Impl> &c, GValue *v)
{
    std::visit(
        [&](auto value) {
            using V = decltype(value(impl));
            if constexpr (std::is_same_v<V, uint64_t>)
                g_value_set_uint64(v, value(impl));
            else if constexpr (std::is_same_v<V, std::string>)
                g_value_set_string(v, value(impl).c_str());
            else
                g_value_take_boxed(v, value(impl));
        },
        c.value);
}

template <class Impl>
GType element_type()
{
    static const GType type = g_type_register_static_simple(
        Impl::parent_type(), Impl::kTypeName, sizeof(typename Impl::ParentClass),
        [](gpointer klass, gpointer) {
            auto *object = G_OBJECT_CLASS(klass);
            static auto *const parent = G_OBJECT_CLASS(g_type_class_peek_parent(klass));
            object->finalize = [](GObject *o) {
                delete &impl<Impl>(o);
                parent->finalize(o);
            };
            object->set_property = [](GObject *o, guint id, const GValue *v, GParamSpec *) {
                impl<Impl>(o).settings.with([&](auto &s) { set(s, Impl::kFields[id - 1], v); });
            };
            object->get_property = [](GObject *o, guint id, GValue *v, GParamSpec *) {
                if constexpr (requires { Impl::kCounters; })
                    if (id > std::size(Impl::kFields))
                        return get(impl<Impl>(o),
                                   Impl::kCounters[id - std::size(Impl::kFields) - 1], v);
                get(impl<Impl>(o).settings.copy(), Impl::kFields[id - 1], v);
            };
            guint id = 0;
            const decltype(Impl::settings.copy()) defaults{};
            for (const auto &f : Impl::kFields)
                g_object_class_install_property(object, ++id, spec(Impl::kTypeName, defaults, f));
            if constexpr (requires { Impl::kCounters; })
                for (const auto &c : Impl::kCounters)
                    g_object_class_install_property(object, ++id, spec(c));
            Impl::class_init(static_cast<typename Impl::ParentClass *>(klass));
        },
        sizeof(Instance<Impl>),
        [](GTypeInstance *i, gpointer) {
            auto *self = reinterpret_cast<Instance<Impl> *>(i);
            self->impl = new Impl{&self->parent};
        },
        GTypeFlags(0));
    return type;
}
} // namespace panto::gst
