/* The sea rises over the picture, a whale leaps out of it in a great arc under a rainbow, and the sea goes. */
import { Particles, TAU, additive, due, ease, ember, glow, mix, normal, paint, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 10;
export const play = (canvas, options) => perform(canvas, options, { id: "whale", seconds, direct });

// From the back to the front: colour, height above the sea's mean in units, length of a wave, speed.
const WAVES = [["#5f7bf0", 9, 74, 0.7], ["#4361e8", 3, 58, -1], ["#3148cf", -5, 86, 1.3], ["#2433a6", -14, 66, -0.8]];
const BOW = ["#ff5c8a", "#ff9f4d", "#ffe066", "#5fe0a8", "#5cb8ff", "#9b7bff"];
const LEAP = [2.2, 5.6];

const rainbow = () =>
  paint("rainbow", 640, (ctx, size) => {
    ctx.lineWidth = size * 0.018;
    BOW.forEach((colour, k) => {
      ctx.strokeStyle = colour;
      ctx.globalAlpha = 0.75;
      ctx.beginPath();
      ctx.arc(size / 2, size / 2, size * (0.48 - k * 0.018), Math.PI, TAU);
      ctx.stroke();
    });
  });

function direct(view) {
  const { ctx, random } = view;
  const spray = new Particles(420);
  const drop = ember("#8fd8ff");
  let up = false;
  let down = false;

  function wave([colour, height, length, speed], t, sea) {
    const u = view.unit;
    ctx.globalAlpha = 0.9;
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.moveTo(0, view.height + 2);
    for (let x = 0; x <= view.width + 12; x += 12) {
      const swing = Math.sin((x / (length * u)) * TAU + t * speed * 2.2) * 2.6 + Math.sin((x / (length * u * 0.43)) * TAU - t * speed * 3) * 1.1;
      ctx.lineTo(x, sea - (height + swing) * u);
    }
    ctx.lineTo(view.width + 12, view.height + 2);
    ctx.fill();
  }

  function splash(x, y, count, power) {
    for (let k = 0; k < count; k += 1) {
      const p = spray.next(drop, x + (random() - 0.5) * view.unit * 26, y, 1 + random() * 0.9);
      p.vx = (random() - 0.5) * view.unit * 90;
      p.vy = -view.unit * power * (0.3 + random() * 0.9);
      p.gravity = view.unit * 150;
      p.size = view.unit * (2 + random() ** 2 * 6);
    }
  }

  function blow(x, y, count) {
    for (let k = 0; k < count; k += 1) {
      const p = spray.next(random() < 0.12 ? twinkle("#ff8ac0") : drop, x, y, 1.1);
      p.vx = (random() - 0.5) * view.unit * 36;
      p.vy = -view.unit * (60 + random() * 24);
      p.gravity = view.unit * 120;
      p.size = view.unit * (2 + random() * 3);
    }
  }

  return (t, dt) => {
    const { unit, x, width, height } = view;
    const tide = swell(t, 0, 1.8, 7.8, 9.6);
    const sea = mix(height + unit * 24, height * 0.74, tide);
    const k = span(t, LEAP[0], LEAP[1]);
    const size = unit * 78;
    const reach = Math.min(width * 0.62, unit * 130);
    // The picture looks to the left, so the leap goes from right to left.
    const whaleX = x + reach * (0.5 - k);
    const whaleY = sea + unit * 40 - Math.sin(k * Math.PI) * (unit * 92 + height * 0.04);
    veil(view, tide * 0.72, "#0e4fa8");
    additive(ctx);
    stamp(ctx, glow("#ff9ac0"), x, sea, unit * 240, 0.55 * tide);
    stamp(ctx, glow("#ffe0a0"), x, sea - unit * 10, unit * 130, 0.6 * tide);
    normal(ctx);
    stamp(ctx, rainbow(), x, sea, Math.min(width * 1.05, unit * 190), swell(t, 3.2, 4.4, 7, 8.2) * 0.85);
    wave(WAVES[0], t, sea);
    wave(WAVES[1], t, sea);
    if (k > 0 && k < 1) stamp(ctx, view.hero, whaleX, whaleY, size, 1, mix(0.75, -0.75, k));
    const bob = span(t, 6, 6.8) * (1 - ease.in(span(t, 8, 9)));
    if (bob > 0) stamp(ctx, view.hero, x, sea + unit * (44 - 52 * ease.back(bob)) + Math.sin(t * 2.6) * unit * 1.6, size, 1, Math.sin(t * 1.8) * 0.06);
    if (t > 6.6 && t < 7.9) blow(x - size * 0.13, sea - unit * 42, due(120, dt, random));
    if (k > 0.12 && !up) { up = true; splash(whaleX, sea, 130, 120); }
    if (k > 0.86 && !down) { down = true; splash(whaleX, sea, 190, 150); }
    if (k > 0.15 && k < 0.85) splash(whaleX + size * 0.25, whaleY + size * 0.25, due(46, dt, random), 8);
    additive(ctx);
    spray.draw(ctx, dt);
    normal(ctx);
    wave(WAVES[2], t, sea);
    wave(WAVES[3], t, sea);
    additive(ctx);
    for (let s = 0; s < 14; s += 1) {
      const beat = Math.max(0, Math.sin(t * 2 + s * 1.9)) ** 6;
      stamp(ctx, twinkle("#cfeeff"), ((s * 0.618 + 0.1) % 1) * width, sea + unit * (6 + (s * 7) % 24), unit * 6 * beat, beat * tide);
    }
  };
}
