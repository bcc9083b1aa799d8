// SPDX-License-Identifier: LGPL-2.1-or-later
// Every reason for which a way gave no picture, in a person's words.

export const REASONS = {
    'webrtc-missing': 'this browser has no WebRTC',
    'webrtc-refused': 'the KVM refused the WebRTC offer',
    'webrtc-no-answer': 'the KVM did not answer the WebRTC offer',
    'bad-answer': 'the browser did not accept the KVM’s WebRTC answer',
    'codec-unsupported': 'this browser and the KVM share no video format',
    'ice-failed': 'no network path for WebRTC was found',
    'no-frames': 'WebRTC connected, but no picture came',
    'connection-lost': 'the WebRTC connection broke',
    'webrtc-silent': 'no new picture came by WebRTC any more',
    'webcodecs-missing': 'this browser decodes no video itself, as it does on https pages only',
    'direct-codec': 'this browser cannot decode the KVM’s H.264',
    'direct-no-frames': 'no picture came over the WebSocket',
    'direct-lost': 'the WebSocket broke',
    'direct-silent': 'nothing came over the WebSocket any more',
    'direct-stuck': 'this browser decoded the KVM’s H.264 no further',
    'mjpeg-refused': 'the KVM refused the MJPEG stream',
    'mjpeg-no-frames': 'no picture came as MJPEG',
    'mjpeg-lost': 'the MJPEG stream broke',
    'mjpeg-silent': 'nothing came as MJPEG any more',
    'mjpeg-stuck': 'this browser decoded the KVM’s JPEG no further',
};

/// What a video signal that gives no picture is like, in a person's words.
export const SIGNALS = {
    'no-signal': 'No signal: the computer is off, asleep, or not connected',
    'no-cable': 'No signal: no video cable is plugged in',
    'no-sync': 'No signal: the capture cannot lock on to it',
    'out-of-range': 'No picture: the computer’s video mode is out of range',
    'device-lost': 'No picture: the capture device has gone',
    'stalled': 'No picture: the capture device delivers none',
    'busy': 'No picture: another program has the capture device',
};
