/* Above the clouds a jet draws a heart with its trail, flies through it, and leaves in a rain of gold. */
import { Particles, TAU, additive, beams, cloud, due, ease, ember, glow, leaf, mix, normal, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 10;
export const play = (canvas, options) => perform(canvas, options, { id: "private_jet", seconds, direct });

const GOLD = ["#ffd24d", "#ffb02e", "#fff0a8", "#ff8ac8", "#b08bff"];
const NOSE = -0.33; // the way the picture looks, in radians
const DRAWN = [1.2, 5.4]; // when the heart is being drawn
const DOTS = 190;

function heart(k, view, out) {
  const a = k * TAU;
  const reach = view.unit * 2.1;
  out.x = view.x + 16 * Math.sin(a) ** 3 * reach;
  out.y = view.height * 0.44 - (13 * Math.cos(a) - 5 * Math.cos(2 * a) - 2 * Math.cos(3 * a) - Math.cos(4 * a)) * reach;
}

function direct(view) {
  const { ctx, random } = view;
  const paper = new Particles(260);
  const puffs = Array.from({ length: 16 }, (_, k) => ({ across: random() * 1.6, down: k < 9 ? 0.78 + random() * 0.26 : random() * 0.8, far: 0.3 + random() * 0.7 }));
  const at = { x: 0, y: 0 };
  const next = { x: 0, y: 0 };
  const white = cloud("#ffffff", "#c9d2ff");

  function drift(t, front, alpha) {
    for (const puff of puffs) {
      if ((puff.far > 0.66) !== front) continue;
      const span1 = view.width + view.unit * 120;
      const x = ((puff.across * span1 - t * view.unit * 26 * puff.far) % span1 + span1) % span1 - view.unit * 60;
      stamp(ctx, white, x, view.height * puff.down, view.unit * 66 * puff.far, alpha * (0.35 + puff.far * 0.5));
    }
  }

  function trail(done, t) {
    const alpha = 1 - ease.both(span(t, 7.4, 8.8));
    const wide = view.unit * (5 + 6 * span(t, 5.4, 8.8));
    const soft = glow("#ffffff");
    const warm = glow("#ff8ac8");
    for (let k = 0; k < DOTS * done; k += 1) {
      heart(k / DOTS, view, at);
      stamp(ctx, warm, at.x, at.y, wide * 2.6, alpha * 0.4);
      stamp(ctx, soft, at.x, at.y, wide, alpha * 0.9);
    }
  }

  function jet(x, y, angle, size) {
    // Flying to the left the picture is turned over, so that the cabin stays above the wing.
    const left = Math.cos(angle) < 0;
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(angle);
    ctx.scale(1, left ? -1 : 1);
    ctx.rotate(-NOSE);
    stamp(ctx, view.hero, 0, 0, size);
    ctx.restore();
  }

  function throwGold(count) {
    for (let k = 0; k < count; k += 1) {
      const p = paper.next(leaf(GOLD[Math.floor(random() * 5)]), random() * view.width, -view.unit * 4, 4);
      p.vy = view.unit * (22 + random() * 26);
      p.vx = (random() - 0.5) * view.unit * 16;
      p.size = view.unit * (2.6 + random() * 2.6);
      p.spin = random() * 4 - 2;
      p.angle = random() * TAU;
      p.tumble = 2 + random() * 5;
    }
  }

  return (t, dt) => {
    const { unit, x, height, width } = view;
    const sky = swell(t, 0, 1, 8.6, seconds);
    const done = ease.both(span(t, DRAWN[0], DRAWN[1]));
    veil(view, sky * 0.75, "#2a3fb8");
    additive(ctx);
    stamp(ctx, beams("#ffe3b0", 18), width * 0.2, height * 0.1, height * 1.5, 0.5 * sky, t * 0.05);
    normal(ctx);
    drift(t, false, sky);
    additive(ctx);
    trail(done, t);
    stamp(ctx, glow("#ff6fb0"), x, height * 0.45, unit * 150, 0.5 * swell(t, 5.2, 5.9, 7.2, 8.6));
    normal(ctx);
    if (t < DRAWN[1]) flyAlong(done, t);
    else flyThrough(span(t, 5.5, 8.6));
    if (t > 5.8 && t < 8) throwGold(due(60, dt, random));
    paper.draw(ctx, dt);
    drift(t, true, sky);
  };

  function flyAlong(done, t) {
    heart(done, view, at);
    heart(done + 0.004, view, next);
    const angle = Math.atan2(next.y - at.y, next.x - at.x);
    const come = ease.out(span(t, 0.2, DRAWN[0]));
    jet(mix(-view.unit * 40, at.x, come), mix(view.height * 0.8, at.y, come), mix(NOSE, angle, span(come, 0.8, 1)), view.unit * 50);
    additive(ctx);
    stamp(ctx, ember("#ffffff"), at.x, at.y, view.unit * 6, span(come, 0.99, 1));
    normal(ctx);
  }

  function flyThrough(k) {
    const { unit, x, height, width } = view;
    const far = ease.in(span(k, 0.55, 1));
    const came = ease.back(span(k, 0, 0.35));
    jet(mix(mix(-unit * 70, x, came), width + unit * 90, far), mix(mix(height * 0.7, height * 0.46, came), -unit * 60, far), NOSE + Math.sin(k * 9) * 0.05, unit * 92);
    additive(ctx);
    for (let s = 0; s < 6; s += 1) {
      const beat = Math.max(0, Math.sin(k * 16 + s * 2.1)) ** 6 * (1 - far);
      stamp(ctx, twinkle("#fff3c4"), x + Math.cos(s * 2.4) * unit * 38, height * 0.45 + Math.sin(s * 2.4) * unit * 30, unit * 16 * beat, beat);
    }
    normal(ctx);
  }
}
