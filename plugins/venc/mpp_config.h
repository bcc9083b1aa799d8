// SPDX-License-Identifier: LGPL-2.1-or-later
/// Config: the keys and values of one MPP encoder.
///
/// One object for the encoder's whole life, filled from it first: the library passes on only those
/// keys that differ from what the object held, so a value of 0 set in an empty one is lost.
///
/// Source   rockchip-linux/mpp ee946af0, mpp_enc_cfg.cpp and mpp_enc_impl.cpp
#pragma once

#include "plugins/venc/mpp_library.h"
#include "plugins/venc/session.h"

namespace panto::mpp
{

class Config
{
public:
    Config(const Library &library, const Api &api, Context *context)
        : lib_{library}, api_{api}, context_{context}
    {
    }
    ~Config();
    Config(const Config &) = delete;
    Config &operator=(const Config &) = delete;

    Result<> load();
    /// A key without which pictures would be wrong; commit() fails if the library refuses it.
    void set(const char *key, int value);
    /// A key that some versions do not have; whether this one took it.
    bool try_set(const char *key, int value);
    /// Hands over what was set since the last time. A refusal leaves the encoder and this object
    /// as they were.
    Result<> commit();

private:
    const Library &lib_;
    const Api &api_;
    Context *context_;
    EncCfg *cfg_ = nullptr;
    std::string refused_; // keys, since the last commit()
};

/// Sets what the codec, the video and the settings ask for, prep:* apart. What is refused though
/// it would have been useful is told to `note`.
void set_rate_control(Config &config, venc::Codec codec, const venc::Video &video,
                      const venc::Settings &settings, const venc::Note &note);
void set_codec(Config &config, venc::Codec codec, const venc::Video &video,
               const venc::Settings &settings, const venc::Note &note);
/// The size, the format, the rows in memory and the colours of pictures.
void set_input(Config &config, const venc::Video &video, const venc::Layout &layout);
void set_bit_rates(Config &config, const venc::Settings &settings);
/// "key=value,...", as the user wrote it.
void set_extra(Config &config, const std::string &text, const venc::Note &note);

FrameFormat format_of(venc::Pixels pixels);

} // namespace panto::mpp
