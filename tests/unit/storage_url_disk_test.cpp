// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/url_disk.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

using namespace panto;
using namespace panto::storage;

namespace
{

/// What greets a server that has said all it has to say of a file of this size (< 256 bytes).
Result<NbdExport> greet(char size_bytes)
{
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const Fd ours{ends[0]}, theirs{ends[1]};
    std::string words = "NBDMAGICIHAVEOPT";
    words += {0, 3};                            // fixed newstyle, no zeroes
    words += {0, 0, 0, 0, 0, 0, 0, size_bytes}; // of the export
    words += {0, 3};                            // it has flags, and is read-only
    EXPECT_EQ(::send(theirs.get(), words.data(), words.size(), 0), ssize_t(words.size()));
    return nbd_greet(ours);
}

} // namespace

TEST(NbdGreeting, TellsTheSizeAndTheFlags)
{
    const auto what = greet(100);
    ASSERT_TRUE(what);
    EXPECT_EQ(what->size_bytes, 100u);
    EXPECT_EQ(what->flags, 3);
}

TEST(NbdGreeting, RefusesAnEmptyFileOfWhichNoDeviceWouldComeUp)
{
    const auto what = greet(0);
    ASSERT_FALSE(what);
    EXPECT_EQ(what.error().kind, Kind::Invalid);
    EXPECT_NE(what.error().message.find("is empty"), std::string::npos);
}

TEST(UrlRecovery, IsThereWhenAReadWasDoneAndNobodyComplainedAfterIt)
{
    Recovery recovery;
    EXPECT_FALSE(recovery.reads_well(7)) << "the failed one may have been counted only now";
    EXPECT_FALSE(recovery.reads_well(9)) << "the complaint may be on its way";
    EXPECT_TRUE(recovery.reads_well(9));
}

TEST(UrlRecovery, IsUnknownWhileNobodyReads)
{
    Recovery recovery;
    for (int look = 0; look < 10; ++look)
        EXPECT_FALSE(recovery.reads_well(7));
}

TEST(UrlRecovery, WaitsAnewAfterEachFailure)
{
    Recovery recovery;
    (void)recovery.reads_well(7);
    (void)recovery.reads_well(9);
    recovery = {}; // that read has failed, too
    EXPECT_FALSE(recovery.reads_well(9));
    EXPECT_FALSE(recovery.reads_well(9));
}

TEST(UrlInTheLog, IsWithoutItsQueryWhichMayHoldASignature)
{
    EXPECT_EQ(shown("https://host/a.iso?X-Amz-Signature=1f"), "https://host/a.iso");
    EXPECT_EQ(shown("https://host/a.iso#part"), "https://host/a.iso");
    EXPECT_EQ(shown("http://host:8080/a.iso"), "http://host:8080/a.iso");
}
