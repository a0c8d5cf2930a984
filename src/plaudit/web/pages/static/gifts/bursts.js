/* Small gifts float up, swaying, come down and lie in a heap for a while; medium ones rise alone with a tail of sparkles.

Any number of gifts share one canvas: the first starts its clock, and it stops when the last piece has gone. */

import { Particles, TAU, additive, clamp, ease, ember, glow, halo, mix, normal, openView, runClock, stamp, twinkle } from "./scenes/stagecraft.js";

const PIECES = 90; // on the canvas at once; more of them nobody can tell apart
const AT_ONCE = { small: 10, medium: 3 };
const COLUMNS = 24; // the heap's height is kept by column
const RISE_SECONDS = 1.5;
const FALL = 170; // units a second, squared
const LIE_SECONDS = 2.6;
const MEDIUM_SECONDS = 3.4;
const SPARKLES = ["#fff0a8", "#ff9ad8", "#8fd8ff", "#c9b0ff"];
const shows = new WeakMap();

function open(canvas, seed, ticker) {
  const view = openView(canvas, seed);
  const show = {
    view,
    heap: new Float32Array(COLUMNS),
    pieces: Array.from({ length: PIECES }, () => ({ stage: "away" })),
    cursor: 0,
    idle: 0,
    sprites: new Map(),
    sparkles: new Particles(220),
    close: null,
  };
  show.close = runClock(view, (dt) => step(show, dt, canvas), ticker);
  shows.set(canvas, show);
  return show;
}

/** A gift's picture as pixels, made once for each size that is wanted of it. */
function shrink(show, image, tier) {
  const key = `${tier} ${image.src}`;
  if (!show.sprites.has(key)) {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = Math.round(show.view.unit * show.view.sharpness * (tier === "medium" ? 50 : 20));
    sheet.getContext("2d").drawImage(image, 0, 0, sheet.width, sheet.height);
    show.sprites.set(key, sheet);
  }
  return show.sprites.get(key);
}

function launch(show, sprite, tier, late) {
  const { view } = show;
  const { random, unit } = view;
  const piece = show.pieces[show.cursor];
  show.cursor = (show.cursor + 1) % PIECES;
  if (piece.stage === "lie") settle(show, piece, -1);
  piece.stage = tier === "medium" ? "shine" : "rise";
  piece.sprite = sprite;
  piece.age = -late;
  piece.size = unit * (tier === "medium" ? 44 : 13 + random() * 5);
  piece.from = view.width * (tier === "medium" ? 0.3 + random() * 0.4 : 0.12 + random() * 0.76);
  piece.peak = view.height * (tier === "medium" ? 0.36 + random() * 0.12 : 0.3 + random() * 0.34);
  piece.drift = (random() - 0.5) * unit * 30;
  piece.beat = random() * TAU;
  piece.speed = 0;
  piece.lean = (random() - 0.5) * 0.9;
}

const column = (show, x) => clamp(Math.floor((x / show.view.width) * COLUMNS), 0, COLUMNS - 1);

/** Adds a piece to the heap (1) or takes it away (-1), and its neighbours a little, so that the heap has slopes. */
function settle(show, piece, sign) {
  const middle = column(show, piece.x);
  const high = piece.size * 0.5 * sign;
  for (const [beside, share] of NEIGHBOURS) {
    const at = middle + beside;
    if (at >= 0 && at < COLUMNS) show.heap[at] = Math.max(0, show.heap[at] + high * share);
  }
}
const NEIGHBOURS = [[0, 1], [-1, 0.45], [1, 0.45]];

function rise(show, piece) {
  const k = ease.out(clamp(piece.age / RISE_SECONDS));
  piece.x = piece.from + piece.drift * k + Math.sin(piece.age * 4 + piece.beat) * show.view.unit * 3;
  piece.y = mix(show.view.height + piece.size, piece.peak, k);
  if (piece.age > RISE_SECONDS) piece.stage = "fall";
}

function fall(show, piece, dt) {
  const { unit, height } = show.view;
  piece.speed += FALL * unit * dt;
  piece.y += piece.speed * dt;
  piece.x += Math.cos(piece.age * 3 + piece.beat) * unit * 5 * dt;
  const ground = height - show.heap[column(show, piece.x)] - piece.size * 0.42;
  if (piece.y < ground) return;
  piece.y = ground;
  if (piece.speed > unit * 60) {
    piece.speed *= -0.32; // one bounce
    return;
  }
  piece.stage = "lie";
  piece.age = 0;
  settle(show, piece, 1);
}

function drawSmall(show, piece) {
  const { ctx } = show.view;
  const sway = piece.stage === "lie" ? Math.sin(piece.age * 5 + piece.beat) * 0.12 * Math.exp(-piece.age * 1.2) : Math.sin(piece.age * 3 + piece.beat) * 0.3;
  const alpha = piece.stage === "lie" ? clamp((LIE_SECONDS - piece.age) * 2) : 1;
  const grown = piece.stage === "rise" ? ease.back(clamp(piece.age * 2.4)) : 1;
  stamp(ctx, piece.sprite, piece.x, piece.y, piece.size * grown, alpha, piece.lean * 0.5 + sway + 0.001);
}

function sparkle(show, piece) {
  const { random, unit } = show.view;
  const p = show.sparkles.next(random() < 0.6 ? twinkle(SPARKLES[Math.floor(random() * 4)]) : ember(SPARKLES[Math.floor(random() * 4)]), piece.x + (random() - 0.5) * piece.size * 0.7, piece.y + piece.size * (0.1 + random() * 0.4), 0.7 + random() * 0.8);
  p.size = unit * (1.5 + random() * 5);
  p.vy = unit * (4 + random() * 12);
  p.vx = (random() - 0.5) * unit * 14;
  p.spin = random() * 3 - 1.5;
}

function drawMedium(show, piece) {
  const { ctx, unit, height, width } = show.view;
  const come = ease.out(clamp(piece.age / 1.2));
  const gone = ease.in(clamp((piece.age - MEDIUM_SECONDS + 0.7) / 0.7));
  piece.x = mix(piece.from, mix(piece.from, width / 2, 0.4), come) + Math.sin(piece.age * 2.4 + piece.beat) * unit * 4 * (1.4 - come);
  piece.y = mix(height + piece.size, piece.peak, come) - gone * unit * 16;
  const size = piece.size * (0.6 + 0.4 * ease.back(clamp((piece.age - 0.5) * 1.6))) * (1 - gone * 0.4);
  additive(ctx);
  stamp(ctx, glow("#ffb0e0"), piece.x, piece.y, size * 2, 0.5 * (1 - gone) * come);
  stamp(ctx, halo("#fff0c8"), piece.x, piece.y, size * (0.8 + 1.6 * clamp(piece.age - 1.1)), 0.9 * clamp((piece.age - 1.05) * 20) * (1 - clamp(piece.age - 1.1)));
  normal(ctx);
  stamp(ctx, piece.sprite, piece.x, piece.y, size, 1 - gone, Math.sin(piece.age * 3.2 + piece.beat) * 0.14 + 0.001);
  if (piece.age < 1.6 || show.view.random() < 0.3) sparkle(show, piece);
  if (piece.age > MEDIUM_SECONDS) piece.stage = "away";
}

function step(show, dt, canvas) {
  let alive = 0;
  for (const piece of show.pieces) {
    if (piece.stage === "away") continue;
    alive += 1;
    piece.age += dt;
    if (piece.age < 0) continue;
    if (piece.stage === "shine") drawMedium(show, piece);
    else move(show, piece, dt);
  }
  additive(show.view.ctx);
  show.sparkles.draw(show.view.ctx, dt);
  show.idle = alive ? 0 : show.idle + dt;
  if (show.idle > 2) closeDown(show, canvas);
}

function move(show, piece, dt) {
  if (piece.stage === "rise") rise(show, piece);
  else if (piece.stage === "fall") fall(show, piece, dt);
  else if (piece.age > LIE_SECONDS) {
    settle(show, piece, -1);
    piece.stage = "away";
    return;
  }
  drawSmall(show, piece);
}

function closeDown(show, canvas) {
  show.close?.();
  shows.delete(canvas);
}

/** Lets `count` gifts of one picture burst. `image` is a loaded picture; `tier` is "small" or "medium". A call that
follows another on the same canvas adds to it; `stop()` clears the canvas. */
export function play(canvas, { image, count = 1, tier = "small", seed = 1, ticker }) {
  const show = shows.get(canvas) ?? open(canvas, seed, ticker);
  const sprite = shrink(show, image, tier);
  const shown = Math.min(count, AT_ONCE[tier] ?? AT_ONCE.small);
  for (let k = 0; k < shown; k += 1) launch(show, sprite, tier, k * (tier === "medium" ? 0.4 : 0.09));
  show.idle = 0;
  return { stop: () => closeDown(show, canvas) };
}
