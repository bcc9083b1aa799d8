// SPDX-License-Identifier: LGPL-2.1-or-later
/// The certificate that pages are served with: looked at, and made when there is none.
///
/// Threads  any; they block on the disk, and making one takes a while
#pragma once

#include "lib/base/result.h"

#include <string>

namespace panto::tls
{

/// Two PEM files.
struct Files {
    std::string certificate;
    std::string key;
};

/// How many whole days the certificate is good for yet; 0 on its last. Errors: NotFound when a file
/// is not there, Unavailable when one cannot be read, Invalid when it holds no certificate or not
/// its key, Timeout when the certificate is no longer or not yet good.
Result<int> days_left(const Files &files);

/// Makes a key (P-256) and a certificate for this host's name, signed by itself, good for ten
/// years. The key can be read by its owner only.
Result<> make_self_signed(const Files &files, const std::string &host_name);

} // namespace panto::tls
