// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/drive.h"

#include "lib/base/alive.h"
#include "lib/base/fd.h"
#include "lib/glib/ask_disk.h"
#include "lib/virtual/computer.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>

namespace panto::storage
{

namespace
{

/// Keeps the image open, as a real drive does: deleting the file does not take it away.
class VirtualDrive : public Drive
{
public:
    ~VirtualDrive() override { close(); }

    void insert(const Medium &medium, Done<> done) override
    {
        const auto open = [medium]() -> Result<std::shared_ptr<Fd>> {
            const int how = medium.read_only ? O_RDONLY : O_RDWR;
            auto image = std::make_shared<Fd>(::open(medium.path.c_str(), how | O_CLOEXEC));
            if (!*image)
                return Error{Kind::Unavailable,
                             "cannot open " + medium.path + ": " + std::strerror(errno), errno};
            return image;
        };
        ask_disk(Lane::Images, open, [weak = self_.weak(), medium, done](auto image) {
            auto *self = alive(weak);
            if (!self)
                return;
            if (!image)
                return done(std::move(image.error()));
            if (self->image_)
                return done(Error{Kind::Busy, "there is a medium in the drive"});
            self->image_ = std::move(*image);
            VirtualComputer::shared().insert(medium.path.substr(medium.path.rfind('/') + 1));
            self->show({medium, ""});
            done(ok);
        });
    }

    void eject(bool, Done<> done) override
    {
        close();
        VirtualComputer::shared().insert("");
        show({});
        done(ok);
    }

private:
    /// What is still to be written is written then, and waited for.
    void close()
    {
        offload(Lane::Images, [image = std::exchange(image_, nullptr)] {});
    }

    std::shared_ptr<Fd> image_;
    Self<VirtualDrive> self_{this};
};

} // namespace

std::unique_ptr<Drive> virtual_drive()
{
    return std::make_unique<VirtualDrive>();
}

} // namespace panto::storage
