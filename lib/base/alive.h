// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

namespace panto
{

/// A member by which late callbacks find out whether their object still lives:
/// [weak = self_.weak()] { if (auto *self = alive(weak)) self->go_on(); }
///
/// Threads  the callback must run on the thread that destroys the object
template <class T>
class Self
{
public:
    explicit Self(T *object) : object_{std::make_shared<T *>(object)} {}
    Self(const Self &) = delete;
    Self &operator=(const Self &) = delete;
    std::weak_ptr<T *> weak() const { return object_; }

private:
    std::shared_ptr<T *> object_;
};

/// The object, or nullptr when it is gone.
template <class T>
T *alive(const std::weak_ptr<T *> &weak)
{
    const auto object = weak.lock();
    return object ? *object : nullptr;
}

} // namespace panto
