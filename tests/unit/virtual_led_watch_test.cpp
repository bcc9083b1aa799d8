// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/led_watch.h"
#include "tests/unit/virtual_fixture.h"

#include <poll.h>

namespace
{

/// The fixture's time began when the machine did: what is due then is long past for a descriptor.
class Watching : public Virtual
{
protected:
    using Leds = VirtualComputer::Leds;

    bool rings() const
    {
        pollfd fd{watch.fd(), POLLIN, 0};
        return ::poll(&fd, 1, 0) == 1;
    }

    LedWatch watch{computer};
};

} // namespace

TEST_F(Watching, RingsAtFirstAndNotAgainOnceLookedAt)
{
    EXPECT_TRUE(rings());
    EXPECT_EQ(watch.look(), (Leds{0, true, false}));
    EXPECT_FALSE(rings());
}

TEST_F(Watching, RingsWhenAKeyChangesAnLedAndNotForAnyOther)
{
    watch.look();
    type("abc");
    EXPECT_FALSE(rings());
    tap(hid::usage::kCapsLock);
    EXPECT_TRUE(rings());
    type("x");
    EXPECT_TRUE(rings()) << "until it is looked at";
    EXPECT_EQ(watch.look(), (Leds{hid::kCapsLock, true, false}));
    EXPECT_FALSE(rings());
}

TEST_F(Watching, RingsWhenTheComputersOwnClockChangesThem)
{
    press_power(100ms);
    EXPECT_EQ(watch.look(), (Leds{0, true, true})) << "it shuts down";
    EXPECT_TRUE(rings()) << "at the time it will be off, though nobody asks it anything until then";
    now += 1s;
    EXPECT_EQ(watch.look(), (Leds{0, false, false}));
    EXPECT_FALSE(rings());
}

TEST_F(Watching, RingsForEachWatch)
{
    auto other = std::make_unique<LedWatch>(computer);
    watch.look();
    other->look();
    tap(hid::usage::kCapsLock);
    other->look();
    EXPECT_TRUE(rings());
    other.reset();
    tap(hid::usage::kCapsLock);
    EXPECT_FALSE(rings()) << "it is as it was seen";
}
