/* What every show needs: a stage with a clock, light painted once, particles that are used again, and easing.

A scene hands `perform` a `direct(view)`, which sets the scene up and returns `draw(t, dt)`, called once a frame with
seconds. Nothing is made anew while it plays: sprites are painted before, particles come from a pool. */

export const TAU = Math.PI * 2;
const SHARPEST = 2; // device pixels per CSS pixel; more costs a phone its frames and nobody sees it
const LONGEST_STEP = 0.1; // a frame that comes late moves the show this far and no further
const LATE = 1 / 48; // seconds; frames later than this make the picture coarser, step by step, until they come in time
const LATE_FRAMES = 8;
const COARSEST = 0.4;

export const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
export const mix = (from, to, part) => from + (to - from) * part;
/** How far `t` has come between two instants, from 0 to 1. */
export const span = (t, from, to) => clamp((t - from) / (to - from));
export const ease = {
  in: (k) => k * k * k,
  out: (k) => 1 - (1 - k) ** 3,
  both: (k) => k * k * (3 - 2 * k),
  back: (k) => 1 + 2.4 * (k - 1) ** 3 + 1.4 * (k - 1) ** 2,
  bounce: (k) => 1 - Math.abs(Math.cos(k * Math.PI * 2.5)) * (1 - k) ** 2,
};
/** Up between `from` and `full`, down between `fading` and `to`. */
export const swell = (t, from, full, fading, to) => ease.both(span(t, from, full)) * (1 - ease.both(span(t, fading, to)));

/** The same seed plays the same show on every screen. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const painted = new Map();

/** A square picture of `size` pixels, painted once and kept under its key. */
export function paint(key, size, brush) {
  if (!painted.has(key)) {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = size;
    brush(sheet.getContext("2d"), size);
    painted.set(key, sheet);
  }
  return painted.get(key);
}

function fillRadial(ctx, size, stops) {
  const light = ctx.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2);
  for (const [where, colour] of stops) light.addColorStop(where, colour);
  ctx.fillStyle = light;
  ctx.fillRect(0, 0, size, size);
}

/** Soft light; colours are always #rrggbb. */
export const glow = (colour) =>
  paint(`glow ${colour}`, 128, (ctx, size) =>
    fillRadial(ctx, size, [[0, `${colour}ff`], [0.2, `${colour}b4`], [0.5, `${colour}44`], [1, `${colour}00`]]));

/** A point of light with a white heart. */
export const ember = (colour) =>
  paint(`ember ${colour}`, 64, (ctx, size) =>
    fillRadial(ctx, size, [[0, "#ffffff"], [0.16, "#ffffff"], [0.3, `${colour}e0`], [0.6, `${colour}38`], [1, `${colour}00`]]));

/** A thin ring with soft edges: a wave of light, of sound, of water. */
export const halo = (colour) =>
  paint(`halo ${colour}`, 512, (ctx, size) =>
    fillRadial(ctx, size, [[0.7, `${colour}00`], [0.9, `${colour}70`], [0.94, `${colour}ff`], [0.96, `${colour}80`], [1, `${colour}00`]]));

/** A star with four points, the family's mark. */
export const twinkle = (colour) =>
  paint(`twinkle ${colour}`, 96, (ctx, size) => {
    fillRadial(ctx, size, [[0, `${colour}90`], [0.45, `${colour}18`], [1, `${colour}00`]]);
    ctx.translate(size / 2, size / 2);
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.moveTo(0, -size * 0.48);
    for (let k = 0; k < 4; k += 1) {
      ctx.quadraticCurveTo(size * 0.05, -size * 0.05, size * 0.48, 0);
      ctx.rotate(TAU / 4);
    }
    ctx.fill();
  });

/** Four long thin rays and a bright heart, for light that fills the picture. */
export const flare = (colour) =>
  paint(`flare ${colour}`, 512, (ctx, size) => {
    fillRadial(ctx, size, [[0, `${colour}ff`], [0.06, `${colour}d0`], [0.16, `${colour}48`], [0.4, `${colour}10`], [0.6, `${colour}00`]]);
    ctx.translate(size / 2, size / 2);
    for (const [turn, reach] of [[0, 1], [0.5, 1], [0.25, 0.42], [0.75, 0.42]]) {
      ctx.save();
      ctx.rotate(turn * Math.PI);
      ctx.scale(reach, 0.022);
      const light = ctx.createRadialGradient(0, 0, 0, 0, 0, size / 2);
      light.addColorStop(0, `${colour}ff`);
      light.addColorStop(0.4, `${colour}b0`);
      light.addColorStop(1, `${colour}00`);
      ctx.fillStyle = light;
      ctx.fillRect(-size / 2, -size / 2, size, size);
      ctx.restore();
    }
  });

/** Sunbeams around a point, to be turned slowly. */
export const beams = (colour, count = 14) =>
  paint(`beams ${colour} ${count}`, 512, (ctx, size) => {
    fillRadial(ctx, size, [[0, `${colour}e0`], [0.3, `${colour}80`], [0.7, `${colour}28`], [1, `${colour}00`]]);
    ctx.globalCompositeOperation = "destination-in";
    ctx.translate(size / 2, size / 2);
    ctx.filter = "blur(5px)"; // where a browser has no filters the beams are only harder
    ctx.fillStyle = "#ffffff";
    ctx.beginPath();
    for (let k = 0; k < count; k += 1) {
      const middle = (k * TAU) / count;
      const half = (TAU / count) * (k % 2 ? 0.16 : 0.3);
      ctx.moveTo(0, 0);
      ctx.arc(0, 0, size, middle - half, middle + half);
    }
    ctx.fill();
  });

/** A piece of gold leaf or paper, seen from the side as it turns. */
export const leaf = (colour) =>
  paint(`leaf ${colour}`, 32, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, size, size);
    light.addColorStop(0, "#ffffff");
    light.addColorStop(0.35, colour);
    light.addColorStop(1, colour);
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.roundRect(size * 0.08, size * 0.28, size * 0.84, size * 0.44, size * 0.1);
    ctx.fill();
  });

/** A round cloud, lit from the upper left. */
export const cloud = (light, shade) =>
  paint(`cloud ${light} ${shade}`, 256, (ctx, size) => {
    const fill = ctx.createLinearGradient(size * 0.3, size * 0.2, size * 0.6, size * 0.75);
    fill.addColorStop(0, light);
    fill.addColorStop(1, shade);
    ctx.fillStyle = fill;
    ctx.filter = "blur(2px)";
    ctx.beginPath();
    for (const [x, y, r] of [[0.2, 0.6, 0.13], [0.36, 0.47, 0.18], [0.56, 0.4, 0.2], [0.74, 0.52, 0.16], [0.84, 0.62, 0.11], [0.5, 0.6, 0.16]]) {
      ctx.moveTo((x + r) * size, y * size);
      ctx.arc(x * size, y * size, r * size, 0, TAU);
    }
    ctx.roundRect(size * 0.09, size * 0.56, size * 0.85, size * 0.17, size * 0.085);
    ctx.fill();
  });

/** Puts a sprite with its middle at x, y; `flat` squeezes its height. */
export function stamp(ctx, sprite, x, y, size, alpha = 1, angle = 0, flat = 1) {
  if (alpha <= 0.004 || size <= 0.2) return;
  ctx.globalAlpha = Math.min(1, alpha);
  if (angle === 0) {
    ctx.drawImage(sprite, x - size / 2, y - (size * flat) / 2, size, size * flat);
    return;
  }
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(angle);
  ctx.drawImage(sprite, -size / 2, (-size * flat) / 2, size, size * flat);
  ctx.restore();
}

const RESTING = { x: 0, y: 0, vx: 0, vy: 0, age: 1, life: 0, size: 6, grow: 0, gravity: 0, drag: 0, angle: 0, spin: 0, tumble: 0, streak: 0, alpha: 1, sprite: null };

/* What a particle may be told: grow (pixels a second), gravity, drag, spin, tumble (turns over like paper), streak (is
drawn out along its way, by so many seconds of it). */

/** A fixed crowd of particles; the oldest makes room for the newest. */
export class Particles {
  constructor(capacity) {
    this.all = Array.from({ length: capacity }, () => ({ ...RESTING }));
    this.cursor = 0;
  }

  /** A particle at x, y that lives `life` seconds; the caller sets the rest on it. */
  next(sprite, x, y, life) {
    const particle = this.all[this.cursor];
    this.cursor = (this.cursor + 1) % this.all.length;
    Object.assign(particle, RESTING);
    particle.sprite = sprite;
    particle.x = x;
    particle.y = y;
    particle.life = life;
    particle.age = 0;
    return particle;
  }

  draw(ctx, dt) {
    for (const p of this.all) {
      if (p.age >= p.life) continue;
      const slow = Math.max(0, 1 - p.drag * dt);
      p.age += dt;
      p.vy = (p.vy + p.gravity * dt) * slow;
      p.vx *= slow;
      p.x += p.vx * dt;
      p.y += p.vy * dt;
      p.angle += p.spin * dt;
      p.size = Math.max(0, p.size + p.grow * dt);
      const left = 1 - p.age / p.life;
      const alpha = p.alpha * Math.min(1, left * 1.8) * Math.min(1, p.age * 14);
      if (p.streak) {
        const length = p.size + Math.hypot(p.vx, p.vy) * p.streak;
        stamp(ctx, p.sprite, p.x, p.y, length, alpha, Math.atan2(p.vy, p.vx), p.size / length);
      } else stamp(ctx, p.sprite, p.x, p.y, p.size, alpha, p.angle, p.tumble ? Math.abs(Math.cos(p.age * p.tumble)) * 0.9 + 0.1 : 1);
    }
  }
}

/** How many of something that happens `perSecond` times fall into this frame. */
export const due = (perSecond, dt, random) => Math.floor(perSecond * dt + random());

/** Lays a veil over the stream, so that light is seen on a bright one too. */
export function veil(view, alpha, colour = "#0b0620") {
  const shade = paint(`veil ${colour}`, 128, (ctx, size) => fillRadial(ctx, size, [[0, `${colour}f0`], [0.6, `${colour}b0`], [1, `${colour}60`]]));
  view.ctx.globalAlpha = alpha * view.dimming;
  view.ctx.drawImage(shade, -view.width * 0.2, -view.height * 0.2, view.width * 1.4, view.height * 1.4);
}

/** Fills the whole picture with one colour for a moment. */
export function flash(view, alpha, colour = "#ffffff") {
  if (alpha <= 0.004) return;
  view.ctx.globalAlpha = alpha;
  view.ctx.fillStyle = colour;
  view.ctx.fillRect(0, 0, view.width, view.height);
}

export const additive = (ctx) => { ctx.globalCompositeOperation = "lighter"; };
export const normal = (ctx) => { ctx.globalCompositeOperation = "source-over"; };

function onEachFrame(step) {
  let asked = requestAnimationFrame(function next(now) {
    asked = requestAnimationFrame(next);
    step(now / 1000);
  });
  return () => cancelAnimationFrame(asked);
}

async function loaded(image) {
  if (typeof image !== "string") {
    await image.decode?.();
    return image;
  }
  const picture = new Image();
  picture.src = image;
  await picture.decode();
  return picture;
}

function fit(view) {
  const { canvas, ctx } = view;
  const sharpness = Math.min(SHARPEST, globalThis.devicePixelRatio || 1) * view.fineness;
  view.width = canvas.clientWidth || canvas.width;
  view.height = canvas.clientHeight || canvas.height;
  canvas.width = Math.round(view.width * sharpness);
  canvas.height = Math.round(view.height * sharpness);
  ctx.setTransform(sharpness, 0, 0, sharpness, 0, 0);
  view.sharpness = sharpness;
  view.unit = Math.min(view.width, view.height * 0.75) / 100;
  view.x = view.width / 2;
  view.y = view.height / 2;
}

/** The gift's picture as pixels, because drawing an SVG anew in every frame is dear. */
function cutOut(picture, view) {
  const sheet = document.createElement("canvas");
  sheet.width = sheet.height = Math.min(1200, Math.round(view.unit * 96 * view.sharpness));
  sheet.getContext("2d").drawImage(picture, 0, 0, sheet.width, sheet.height);
  return sheet;
}

/** A canvas as a view: ctx, width, height, x and y (the middle), unit (a hundredth of the short side), random. */
export function openView(canvas, seed, dimming = 1) {
  const view = { canvas, ctx: canvas.getContext("2d"), random: seeded(seed), fineness: 1, dimming };
  fit(view);
  return view;
}

/** Calls `step(dt)` once a frame until stopped, and rests while the page is hidden. */
export function runClock(view, step, ticker = onEachFrame) {
  let before = null;
  let halt = null;
  let late = 0;
  const watch = (dt) => {
    late = Math.max(0, late + (dt > LATE ? 1 : -0.25));
    if (late < LATE_FRAMES || view.fineness <= COARSEST) return;
    late = 0;
    view.fineness = Math.max(COARSEST, view.fineness * 0.75);
    fit(view);
  };
  const tick = (now) => {
    const dt = before === null ? 0 : Math.min(LONGEST_STEP, now - before);
    before = now;
    watch(dt);
    normal(view.ctx);
    view.ctx.globalAlpha = 1;
    view.ctx.clearRect(0, 0, view.width, view.height);
    step(dt);
  };
  const turn = () => {
    halt?.();
    before = null;
    halt = document.hidden ? null : ticker(tick);
  };
  const refit = () => fit(view);
  document.addEventListener("visibilitychange", turn);
  globalThis.addEventListener("resize", refit);
  turn();
  return () => {
    halt?.();
    document.removeEventListener("visibilitychange", turn);
    globalThis.removeEventListener("resize", refit);
    normal(view.ctx);
    view.ctx.clearRect(0, 0, view.width, view.height);
  };
}

/** Plays a scene. `image` is the gift's picture or its address, `sound` what `makeSounds` returned, or nothing;
`dimming` is how much of the scene's veil is laid over what is behind it, from 0 to 1.
`finished` is kept when the show is over or was stopped. */
export function perform(canvas, { image, seed = 1, sound, ticker, dimming = 1 }, { id, seconds, direct }) {
  let stopped = false;
  let close = null;
  let end;
  const finished = new Promise((resolve) => { end = resolve; });
  const stop = () => {
    if (stopped) return;
    stopped = true;
    close?.();
    sound?.hush();
    end();
  };
  const begin = (picture) => {
    if (stopped) return;
    const view = openView(canvas, seed, dimming);
    view.hero = cutOut(picture, view);
    const draw = direct(view);
    let t = 0;
    sound?.motif(id);
    close = runClock(view, (dt) => {
      t += dt;
      if (t >= seconds) stop();
      else draw(t, dt);
    }, ticker);
  };
  loaded(image).then(begin, stop); // a picture that cannot be had is no reason to hold up the next gift
  return { stop, finished };
}
