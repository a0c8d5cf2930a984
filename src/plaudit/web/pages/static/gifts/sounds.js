/* Tiny sounds, made of nothing but oscillators and noise. Off until somebody turns them on; never loud.

A motif is a line of notes: when (seconds), which (half tones above A3), how long, and which voice. */

const LOUDEST = 0.22;
const A3 = 220;

const VOICES = {
  bell: { wave: "sine", rise: 0.005, over: [1, 2.01, 3.02], shares: [1, 0.4, 0.16] },
  harp: { wave: "triangle", rise: 0.004, over: [1, 2], shares: [1, 0.3] },
  brass: { wave: "sawtooth", rise: 0.06, over: [1, 1.003], shares: [0.5, 0.5], dull: 1400 },
  air: { wave: "sine", rise: 0.3, over: [1, 1.005, 2], shares: [0.7, 0.7, 0.2] },
  deep: { wave: "sine", rise: 0.02, over: [1, 0.5], shares: [1, 0.8] },
};

// Noise: when, how long, from which pitch of the filter to which (hertz), how strong.
const MOTIFS = {
  galaxy: { notes: [[0.3, 0, 3, "air"], [0.9, 7, 3, "air"], [1.5, 14, 3, "air"], [4.4, 24, 2, "bell"], [4.6, 31, 2, "bell"], [4.8, 36, 2.4, "bell"], [7.3, 12, 1.2, "air"]], noise: [] },
  fireworks: {
    notes: [[6.5, 12, 0.5, "brass"], [6.7, 16, 0.5, "brass"], [6.9, 19, 1.4, "brass"]],
    noise: [[0.1, 0.8, 900, 2600, 0.2], [1, 0.7, 700, 90, 0.8], [1.6, 0.7, 700, 90, 0.7], [2.4, 0.8, 600, 90, 0.7], [3.2, 0.7, 700, 90, 0.7], [4.5, 0.7, 700, 90, 0.7], [6.4, 0.9, 900, 70, 1], [7, 0.9, 800, 70, 0.9]],
  },
  diamond_ring: { notes: [[2, 24, 1, "bell"], [2.4, 28, 1, "bell"], [2.8, 31, 1, "bell"], [4.9, 36, 2.4, "bell"], [5.05, 40, 2.2, "bell"], [5.2, 43, 2.6, "bell"], [6.6, 48, 1.6, "bell"]], noise: [] },
  whale: { notes: [[1.6, -12, 1.6, "deep", -5], [3, -7, 1.8, "deep", 0], [4.4, -12, 1.4, "deep", -9], [6.8, 5, 1.2, "air"]], noise: [[0.2, 2, 300, 700, 0.4], [2.6, 1.1, 1800, 300, 0.6], [5.2, 1.6, 1500, 150, 0.9], [6.6, 1.2, 2600, 1400, 0.25]] },
  meteor_shower: { notes: [[0.6, 31, 0.8, "bell"], [1.5, 28, 0.8, "bell"], [2.4, 35, 0.8, "bell"], [5.6, -21, 2.4, "deep", -28], [6.2, 12, 2, "air"], [6.2, 19, 2, "air"]], noise: [[3.4, 2.2, 300, 2400, 0.5], [5.6, 1.8, 900, 60, 1]] },
  private_jet: { notes: [[1.2, 7, 1, "harp"], [1.7, 11, 1, "harp"], [2.2, 14, 1, "harp"], [2.7, 18, 1, "harp"], [3.4, 14, 1, "harp"], [4, 19, 1.4, "harp"], [5.7, 12, 2, "brass"], [5.7, 16, 2, "brass"], [5.7, 19, 2, "brass"]], noise: [[0.2, 1.4, 400, 1600, 0.4], [7.1, 1.6, 1800, 300, 0.5]] },
  sports_car: { notes: [[1, -24, 1.5, "brass", -12], [3, -26, 2, "brass", -24], [5.2, -24, 1.2, "brass", -8], [6.4, -10, 1, "brass", 4], [3, 12, 0.3, "harp"], [3.4, 15, 0.3, "harp"], [3.8, 19, 0.6, "harp"]], noise: [[5.2, 1.2, 2400, 3000, 0.22], [6.3, 1.2, 1600, 300, 0.6]] },
  interstellar: { notes: [[0.2, -12, 4, "air"], [2, -5, 4, "air"], [3, 2, 4, "air"], [4.2, 7, 3, "air"], [6.8, -24, 1.6, "deep", -12], [8.2, 12, 2.4, "bell"], [8.3, 19, 2.4, "bell"], [8.4, 24, 2.4, "bell"]], noise: [[6.8, 1.4, 200, 3000, 0.5], [8.2, 1.6, 2400, 200, 0.5]] },
  castle: { notes: [[1.4, 12, 1, "harp"], [1.8, 16, 1, "harp"], [2.2, 19, 1, "harp"], [2.6, 24, 1, "harp"], [3.9, 24, 0.6, "bell"], [4.2, 26, 0.6, "bell"], [4.5, 28, 0.6, "bell"], [4.8, 31, 0.6, "bell"], [5.1, 33, 0.6, "bell"], [5.5, 36, 2, "bell"], [6.2, 12, 3, "brass"], [6.2, 16, 3, "brass"], [6.2, 19, 3, "brass"]], noise: [[6.3, 0.6, 700, 90, 0.5], [7.2, 0.6, 700, 90, 0.5], [8.1, 0.6, 700, 90, 0.5]] },
  phoenix: { notes: [[0.4, -9, 2.6, "air"], [1.6, -2, 2, "air"], [3, 24, 1, "bell", 31], [4.4, 27, 0.8, "bell", 36], [5.2, 3, 2.4, "brass"], [5.2, 10, 2.4, "brass"], [5.2, 15, 2.4, "brass"], [8, 22, 1, "harp"], [8.4, 19, 1, "harp"], [8.8, 15, 1.6, "harp"]], noise: [[0.6, 2.6, 200, 1200, 0.4], [3, 1.2, 1600, 200, 0.7], [6, 0.5, 500, 200, 0.3], [7.4, 0.5, 500, 200, 0.3], [9.8, 1.4, 400, 1800, 0.4]] },
  lion: { notes: [[0.5, -24, 2.2, "deep"], [2.4, -12, 2.2, "air"], [3.2, -5, 2, "air"], [4.6, -26, 1.6, "brass", -31], [6.6, -24, 2, "brass", -33], [4.7, 0, 1.6, "brass"], [4.7, 7, 1.6, "brass"], [6.7, 5, 2.6, "brass"], [6.7, 12, 2.6, "brass"], [6.7, 17, 2.6, "brass"], [8.5, 29, 1.6, "bell"], [8.7, 36, 2, "bell"]], noise: [[4.6, 1.4, 500, 120, 1], [6.6, 1.8, 600, 100, 1]] },
  universe: { notes: [[0.2, 36, 1.1, "air"], [1.3, -24, 3, "deep", -31], [2.6, 0, 5, "air"], [3, 7, 5, "air"], [3.4, 16, 4.6, "air"], [4.2, 24, 1, "bell"], [4.6, 28, 1, "bell"], [5, 31, 1, "bell"], [5.8, 12, 2.6, "brass"], [5.8, 19, 2.6, "brass"], [5.8, 24, 2.6, "brass"], [8.4, 28, 1.4, "bell"], [8.8, 31, 1.4, "bell"], [9.2, 36, 2.4, "bell"], [11, 24, 0.9, "bell"]], noise: [[0.3, 1, 200, 4000, 0.3], [1.3, 2.4, 1600, 50, 1], [5.8, 1.6, 1200, 100, 0.5]] },
};

const TIERS = {
  small: { notes: [[0, 24, 0.25, "harp"], [0.06, 31, 0.3, "harp"]], noise: [] },
  medium: { notes: [[0, 19, 0.5, "bell"], [0.09, 24, 0.5, "bell"], [0.18, 28, 0.6, "bell"], [0.27, 31, 0.8, "bell"]], noise: [] },
  large: { notes: [[0, 12, 1.6, "brass"], [0, 19, 1.6, "brass"], [0.15, 24, 1.8, "bell"]], noise: [[0, 0.8, 600, 120, 0.5]] },
};

const pitch = (halfTones) => A3 * 2 ** (halfTones / 12);

function sing(context, out, start, [at, note, length, voiceName, glide]) {
  const voice = VOICES[voiceName];
  const begin = start + at;
  const shape = context.createGain();
  shape.gain.setValueAtTime(0, begin);
  shape.gain.linearRampToValueAtTime(0.3, begin + voice.rise);
  shape.gain.exponentialRampToValueAtTime(0.0006, begin + voice.rise + length);
  let into = shape;
  if (voice.dull) {
    into = context.createBiquadFilter();
    into.frequency.value = voice.dull;
    into.connect(shape);
  }
  voice.over.forEach((multiple, k) => {
    const tone = context.createOscillator();
    const share = context.createGain();
    tone.type = voice.wave;
    tone.frequency.setValueAtTime(pitch(note) * multiple, begin);
    if (glide !== undefined) tone.frequency.exponentialRampToValueAtTime(pitch(glide) * multiple, begin + length);
    share.gain.value = voice.shares[k];
    tone.connect(share).connect(into);
    tone.start(begin);
    tone.stop(begin + voice.rise + length + 0.05);
  });
  shape.connect(out);
}

function hiss(context, out, start, noise, [at, length, from, to, strength]) {
  const source = context.createBufferSource();
  const filter = context.createBiquadFilter();
  const shape = context.createGain();
  const begin = start + at;
  source.buffer = noise;
  source.loop = true;
  filter.frequency.setValueAtTime(from, begin);
  filter.frequency.exponentialRampToValueAtTime(to, begin + length);
  shape.gain.setValueAtTime(0, begin);
  shape.gain.linearRampToValueAtTime(strength * 0.5, begin + Math.min(0.3, length * 0.2));
  shape.gain.exponentialRampToValueAtTime(0.0006, begin + length);
  source.connect(filter).connect(shape).connect(out);
  source.start(begin);
  source.stop(begin + length + 0.05);
}

function makeNoise(context) {
  const buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let k = 0; k < samples.length; k += 1) samples[k] = Math.random() * 2 - 1;
  return buffer;
}

/** The sounds of a room, silent until `turn(true)`, which must be called from a click, as browsers demand.
`tier("small" | "medium" | "large")` is a single gift's sound, `motif(id)` goes with a scene, `hush()` ends that. */
export function makeSounds({ volume = 0.6 } = {}) {
  let context = null;
  let noise = null;
  let on = false;
  let show = null; // the gain node of the motif that plays

  function score({ notes, noise: noises }) {
    const out = context.createGain();
    out.gain.value = Math.min(1, volume) * LOUDEST;
    out.connect(context.destination);
    const start = context.currentTime + 0.03;
    for (const note of notes) sing(context, out, start, note);
    for (const one of noises) hiss(context, out, start, noise, one);
    return out;
  }

  function hush() {
    if (!show) return;
    const leaving = show;
    show = null;
    leaving.gain.setTargetAtTime(0, context.currentTime, 0.15);
    setTimeout(() => leaving.disconnect(), 1500);
  }

  function turn(wanted) {
    on = wanted;
    if (!wanted) {
      hush();
      context?.suspend();
      return;
    }
    context ??= new AudioContext();
    noise ??= makeNoise(context);
    context.resume();
  }

  return {
    turn,
    hush,
    get on() { return on; },
    tier(name) { if (on && TIERS[name]) score(TIERS[name]); },
    motif(id) {
      if (!on) return;
      hush();
      show = score(MOTIFS[id] ?? TIERS.large);
    },
  };
}
