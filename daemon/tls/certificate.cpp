// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/tls/certificate.h"

#include "lib/base/file.h"
#include "lib/base/owned.h"

#include <ctime>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace panto::tls
{

namespace
{

constexpr long kLifeSeconds = 3650L * 24 * 3600;
constexpr size_t kMostNameBytes = 64; // Source: RFC 5280, ub-common-name

using Bio = Owned<BIO, BIO_free_all>;
using Certificate = Owned<X509, X509_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

Bio bio_of(const std::string &text)
{
    return Bio{BIO_new_mem_buf(text.data(), int(text.size()))};
}

std::string text_of(const Bio &bio)
{
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, size_t(size)};
}

bool add_extension(X509 *x, int which, const std::string &value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x, x, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION, X509_EXTENSION_free> extension{
        X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str())};
    return extension && X509_add_ext(x, extension.get(), -1) == 1;
}

/// A name that a certificate may hold: what is no letter, digit, dot or hyphen ends it.
std::string safe_name(const std::string &host)
{
    const std::string name =
        host.substr(0, std::min(kMostNameBytes, host.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                                       "0123456789.-")));
    return name.empty() ? "pantograph" : name;
}

bool fill(X509 *x, EVP_PKEY *key, const std::string &name)
{
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] &= 0x7f; // positive
    const Owned<BIGNUM, BN_free> number{BN_bin2bn(serial, sizeof serial, nullptr)};
    X509_NAME *subject = X509_get_subject_name(x);
    const auto *common_name = reinterpret_cast<const unsigned char *>(name.c_str());
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x)) &&
           X509_set_version(x, 2) == 1 &&                         // the third: extensions
           X509_gmtime_adj(X509_getm_notBefore(x), -24 * 3600) && // for clocks that are behind
           X509_gmtime_adj(X509_getm_notAfter(x), kLifeSeconds) && X509_set_pubkey(x, key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(x, subject) == 1 &&
           add_extension(x, NID_subject_alt_name,
                         "DNS:" + name + ",DNS:localhost,IP:127.0.0.1,IP:::1") &&
           add_extension(x, NID_ext_key_usage, "serverAuth") && X509_sign(x, key, EVP_sha256()) > 0;
}

} // namespace

Result<int> days_left(const Files &files)
{
    PANTO_TRY(crt, read_file(files.certificate));
    PANTO_TRY(key, read_file(files.key));
    const Certificate x{PEM_read_bio_X509(bio_of(crt).get(), nullptr, nullptr, nullptr)};
    if (!x)
        return Error{Kind::Invalid, files.certificate + " is no certificate in PEM"};
    char none[] = ""; // never ask a terminal for a pass phrase
    const Key k{PEM_read_bio_PrivateKey(bio_of(key).get(), nullptr, nullptr, none)};
    if (!k)
        return Error{Kind::Invalid, files.key + " is no private key in PEM without a pass phrase"};
    if (X509_check_private_key(x.get(), k.get()) != 1)
        return Error{Kind::Invalid, files.key + " is not the key of " + files.certificate};
    if (X509_cmp_current_time(X509_get0_notBefore(x.get())) > 0)
        return Error{Kind::Timeout, files.certificate + " is not good yet"};
    int days = 0, seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(x.get())) != 1 || days < 0 ||
        seconds < 0)
        return Error{Kind::Timeout, files.certificate + " has expired"};
    return days;
}

Result<> make_self_signed(const Files &files, const std::string &host_name)
{
    const Error failed{Kind::Internal, "cannot make a certificate"};
    const Key key{EVP_EC_gen("P-256")};
    const Certificate x{X509_new()};
    if (!key || !x || !fill(x.get(), key.get(), safe_name(host_name)))
        return failed;
    const Bio crt_text{BIO_new(BIO_s_mem())}, key_text{BIO_new(BIO_s_secmem())};
    if (!crt_text || !key_text || PEM_write_bio_X509(crt_text.get(), x.get()) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) != 1)
        return failed;
    if (auto kept = replace_file(files.key, text_of(key_text), 0600); !kept)
        return kept;
    return replace_file(files.certificate, text_of(crt_text), 0644);
}

} // namespace panto::tls
