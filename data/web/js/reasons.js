// SPDX-License-Identifier: LGPL-2.1-or-later
// Every reason for which WebRTC gave no picture, in a person's words.

export const REASONS = {
    'webrtc-missing': 'this browser has no WebRTC',
    'webrtc-refused': 'the KVM refused the WebRTC offer',
    'bad-answer': 'the browser did not accept the KVM’s WebRTC answer',
    'codec-unsupported': 'this browser and the KVM share no video format',
    'ice-failed': 'no network path for WebRTC was found',
    'no-frames': 'WebRTC connected, but no picture came',
    'connection-lost': 'the WebRTC connection broke',
};

/// The state of the computer's video signal, in a person's words.
export const SIGNALS = {
    'no-signal': 'The computer sends no picture: it is off, asleep, or its cable is out.',
    'no-cable': 'No video cable is plugged in.',
    'no-sync': 'The video signal cannot be locked on to.',
    'out-of-range': 'The computer uses a video mode the capture hardware cannot take.',
    'device-lost': 'The capture device has gone.',
    'recovering': 'The capture device is starting again.',
};
