// SPDX-License-Identifier: LGPL-2.1-or-later
// The same for unit tests.
#include "standard.h"

#include <gtest/gtest.h>
