// SPDX-License-Identifier: Apache-2.0
// Bursts after the patterns of IEC 60601-1-8 (tables 3 and 4): high 3 + 2 pulses, twice; medium 3; low 2. Harmonics
// between 300 and 4000 Hz of about equal loudness, rise and fall of 20 ms. Nothing here claims conformance.

export const PATTERNS = {
    // gaps: seconds from the end of a pulse to the next one; one fewer than pulses
    high: {pulse: 0.15, gaps: [0.1, 0.1, 0.35, 0.1, 0.7, 0.1, 0.1, 0.35, 0.1], every: 8, pitch: 494},
    medium: {pulse: 0.2, gaps: [0.2, 0.2], every: 15, pitch: 392},
    low: {pulse: 0.2, gaps: [0.2], every: 30, pitch: 330},
};
const EDGE = 0.02; // s
const HARMONICS = [1, 2, 3, 4, 5];

export const toneOf = {critical: 'high', urgent: 'medium', technical: 'low', watch: 'low', info: null};

// Begin of each pulse, in seconds from the begin of the burst.
export function pulses(name) {
    const {pulse, gaps} = PATTERNS[name];
    const begins = [0];
    for (const gap of gaps) begins.push(begins[begins.length - 1] + pulse + gap);
    return begins;
}

// How long a burst lasts.
export function length(name) {
    const begins = pulses(name);
    return begins[begins.length - 1] + PATTERNS[name].pulse;
}

function onePulse(context, pattern, at, gain) {
    const envelope = context.createGain();
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(gain / HARMONICS.length, at + EDGE);
    envelope.gain.setValueAtTime(gain / HARMONICS.length, at + pattern.pulse - EDGE);
    envelope.gain.linearRampToValueAtTime(0, at + pattern.pulse);
    envelope.connect(context.destination);
    for (const harmonic of HARMONICS) {
        const oscillator = context.createOscillator();
        oscillator.frequency.value = pattern.pitch * harmonic;
        oscillator.connect(envelope);
        oscillator.start(at);
        oscillator.stop(at + pattern.pulse);
    }
}

// Puts a burst into the context at its time `at`; the time at which it ends.
export function burst(context, name, at, gain = 0.8) {
    for (const begin of pulses(name)) onePulse(context, PATTERNS[name], at + begin, gain);
    return at + length(name);
}
