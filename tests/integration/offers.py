# SPDX-License-Identifier: LGPL-2.1-or-later
"""SDP offers as browsers make them, from viewers that never connect."""


def sdp(*lines):
    return "\r\n".join(lines) + "\r\n"


HEAD = ("v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0")
PEER = (
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:Rf8q",
    "a=ice-pwd:asd88fgpdd777uzjYhagZg72",
    "a=ice-options:trickle",
    "a=fingerprint:sha-256 " + ":".join(f"{i * 7 % 256:02X}" for i in range(32)),
    "a=setup:actpass",
)


def h264(payload, mode, profile):
    return (
        f"a=rtpmap:{payload} H264/90000",
        f"a=rtcp-fb:{payload} nack",
        f"a=rtcp-fb:{payload} nack pli",
        f"a=rtcp-fb:{payload} ccm fir",
        f"a=fmtp:{payload} level-asymmetry-allowed=1;packetization-mode={mode};"
        f"profile-level-id={profile}",
    )


def video(mid, payloads, *lines):
    extensions = (
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    )
    rtp = (f"a=mid:{mid}", *extensions, "a=recvonly", "a=rtcp-mux", "a=rtcp-rsize")
    return (f"m=video 9 UDP/TLS/RTP/SAVPF {payloads}", *PEER, *rtp, *lines)


VP8 = ("a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack pli")
BOTH = (*VP8, *h264(102, 1, "42001f"), *h264(104, 0, "42e01f"), *h264(106, 1, "42e01f"))

CHROMIUM = sdp(
    *HEAD,
    "a=group:BUNDLE 0 1",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS",
    *video(0, "96 102 104 106", *BOTH),
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    *PEER,
    "a=mid:1",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
)

HOME_ASSISTANT = sdp(
    *HEAD,
    "a=group:BUNDLE 0 1",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
    *PEER,
    "a=mid:0",
    "a=recvonly",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "a=rtpmap:0 PCMU/8000",
    *video(1, "96 102 104 106", *BOTH),
)

VP8_ONLY = sdp(*HEAD, "a=group:BUNDLE 0", *video(0, "96", *VP8))

FINGERPRINT = next(line for line in PEER if line.startswith("a=fingerprint"))
UNKNOWN_PEERS = [
    CHROMIUM.replace(FINGERPRINT + "\r\n", ""),
    CHROMIUM.replace(FINGERPRINT, "a=fingerprint:sha-256 00:11"),
    CHROMIUM.replace(FINGERPRINT, FINGERPRINT.replace("sha-256", "sha-512")),
    CHROMIUM.replace(FINGERPRINT, FINGERPRINT.replace(":", " ")),
]
NOT_WATCHING = [CHROMIUM.replace("a=recvonly", way) for way in ("a=sendonly", "a=inactive")]
