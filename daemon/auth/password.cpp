// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/password.h"

#include "daemon/auth/bytes.h"

#include <algorithm>
#include <crypt.h>
#include <glib.h>
#include <memory>
#include <openssl/evp.h>

namespace panto::auth
{

namespace
{

constexpr char kPassphrase[] = "nanokvm-sipeed-2024"; // Source: the web page; it is no secret
constexpr std::string_view kMagic = "Salted__";       // Source: OpenSSL's enc(1)
constexpr size_t kSaltBytes = 8;
constexpr size_t kBlockBytes = 16;
constexpr size_t kKeyBytes = 32;
constexpr size_t kMostFieldBytes = 4096;
constexpr size_t kMostPasswordBytes = 72; // bcrypt reads no further
constexpr size_t kBcryptBytes = 60;       // "$2b$10$", 22 of salt, 31 of hash

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX *p) const { EVP_CIPHER_CTX_free(p); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char *bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

struct KeyAndIv {
    unsigned char key[kKeyBytes];
    unsigned char iv[kBlockBytes];
};

/// Form W: OpenSSL derives key and IV from passphrase and salt.
KeyAndIv derive(std::string_view salt)
{
    KeyAndIv out;
    const int size =
        EVP_BytesToKey(EVP_aes_256_cbc(), EVP_md5(), bytes_of(salt), bytes_of(kPassphrase),
                       int(sizeof kPassphrase - 1), 1, out.key, out.iv);
    g_assert(size == int(kKeyBytes));
    return out;
}

/// Form Z: the passphrase itself is the key, filled up with zeros.
KeyAndIv padded(std::string_view iv)
{
    KeyAndIv out = {};
    std::copy_n(kPassphrase, sizeof kPassphrase - 1, out.key);
    std::copy_n(iv.data(), kBlockBytes, out.iv);
    return out;
}

/// AES-256-CBC; strict about the padding.
Result<std::string> decrypt(const KeyAndIv &k, std::string_view secret)
{
    std::string out(secret.size() + kBlockBytes, '\0');
    auto *to = reinterpret_cast<unsigned char *>(out.data());
    int size = 0, rest = 0;
    const Cipher cipher{EVP_CIPHER_CTX_new()};
    if (!EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, k.key, k.iv) ||
        !EVP_DecryptUpdate(cipher.get(), to, &size, bytes_of(secret), int(secret.size())) ||
        !EVP_DecryptFinal_ex(cipher.get(), to + size, &rest))
        return Error{Kind::Invalid, "not readable with the known key"};
    out.resize(size_t(size + rest));
    return out;
}

/// Undoes percent-escaping, and what form decoders and line breaks did to base64.
Result<std::string> unescape(std::string_view field)
{
    const auto is_space = [](char c) { return c == ' ' || c == '\r' || c == '\n' || c == '\t'; };
    while (!field.empty() && is_space(field.front()))
        field.remove_prefix(1);
    while (!field.empty() && is_space(field.back()))
        field.remove_suffix(1);

    std::string out;
    for (size_t i = 0; i < field.size(); ++i) {
        char c = field[i];
        if (c == '%') {
            const int high = i + 2 < field.size() ? g_ascii_xdigit_value(field[i + 1]) : -1;
            const int low = i + 2 < field.size() ? g_ascii_xdigit_value(field[i + 2]) : -1;
            if (high < 0 || low < 0)
                return Error{Kind::Invalid, "broken percent escape"};
            c = char(high * 16 + low);
            i += 2;
        }
        if (c == ' ')
            out += '+'; // a plus sign that went through a form decoder
        else if (c != '\r' && c != '\n')
            out += c;
    }
    return out;
}

} // namespace

Result<std::string> decode_password(std::string_view field)
{
    if (field.size() > kMostFieldBytes)
        return Error{Kind::Invalid, "too long"};
    PANTO_TRY(text, unescape(field));
    PANTO_TRY(blob, from_base64(text));
    const std::string_view bytes = blob;
    // Both forms: 16 bytes of beginning, then whole blocks.
    if (bytes.size() < 2 * kBlockBytes || bytes.size() % kBlockBytes != 0)
        return Error{Kind::Invalid, "wrong length"};
    const auto secret = bytes.substr(kBlockBytes);
    return bytes.starts_with(kMagic)
               ? decrypt(derive(bytes.substr(kMagic.size(), kSaltBytes)), secret)
               : decrypt(padded(bytes), secret);
}

std::string encode_password(const std::string &password, std::string_view salt)
{
    g_assert(salt.size() == kSaltBytes);
    const KeyAndIv k = derive(salt);
    std::string out(password.size() + kBlockBytes, '\0');
    auto *to = reinterpret_cast<unsigned char *>(out.data());
    int size = 0, rest = 0;
    const Cipher cipher{EVP_CIPHER_CTX_new()};
    const bool done =
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, k.key, k.iv) &&
        EVP_EncryptUpdate(cipher.get(), to, &size, bytes_of(password), int(password.size())) &&
        EVP_EncryptFinal_ex(cipher.get(), to + size, &rest);
    g_assert(done);
    out.resize(size_t(size + rest));
    std::string message{kMagic};
    message += salt;
    message += out;
    return base64(message);
}

bool is_bcrypt(std::string_view text)
{
    const auto is_digit = [](char c) { return g_ascii_isdigit(c); };
    const auto is_salt = [](char c) { return g_ascii_isalnum(c) || c == '.' || c == '/'; };
    return text.size() == kBcryptBytes && text.starts_with("$2") &&
           (text[2] == 'a' || text[2] == 'b' || text[2] == 'y') && text[3] == '$' &&
           is_digit(text[4]) && is_digit(text[5]) && text[6] == '$' &&
           std::all_of(text.begin() + 7, text.end(), is_salt);
}

namespace
{

bool fits_bcrypt(const std::string &password)
{
    return password.size() <= kMostPasswordBytes && password.find('\0') == std::string::npos;
}

/// The hash of password with setting's salt and cost, or "" when the setting is not understood.
std::string bcrypt(const std::string &password, const std::string &setting)
{
    const auto data = std::make_unique<crypt_data>(); // 32 KiB: too much for a worker's stack
    const char *hashed = crypt_rn(password.c_str(), setting.c_str(), data.get(), sizeof *data);
    std::string out = hashed ? hashed : "";
    explicit_bzero(data.get(), sizeof *data);
    return out;
}

} // namespace

Result<std::string> hash_password(const std::string &password, unsigned cost)
{
    if (!fits_bcrypt(password))
        return Error{Kind::Invalid, "invalid password"};
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const std::string salt = random_bytes(kBlockBytes);
    if (!crypt_gensalt_rn("$2b$", cost, salt.data(), int(salt.size()), setting, sizeof setting))
        return Error{Kind::Internal, "bcrypt takes no cost of " + std::to_string(cost)};
    std::string hashed = bcrypt(password, setting);
    if (!is_bcrypt(hashed))
        return Error{Kind::Internal, "this system's libcrypt has no bcrypt"};
    return hashed;
}

bool password_matches(const std::string &password, const std::string &hashed)
{
    if (!is_bcrypt(hashed) || !fits_bcrypt(password))
        return false;
    // libxcrypt computes "$2a$" in a way of its own for a few passwords; other writers of that
    // prefix mean what "$2b$" is now.
    std::string setting = hashed;
    setting[2] = 'b';
    return equal_in_constant_time(bcrypt(password, setting), setting);
}

} // namespace panto::auth
