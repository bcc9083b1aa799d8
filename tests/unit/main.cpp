// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/glib/offload.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    const int failed = RUN_ALL_TESTS();
    // What a worker thread still does may need static objects, which end with main().
    if (panto::offload_drain(std::chrono::seconds{30}))
        return failed;
    std::cerr << "work that a test began has not ended\n";
    std::_Exit(EXIT_FAILURE);
}
