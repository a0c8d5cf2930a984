/* The show of every large gift that has no scene of its own: a curtain of light opens on it, it shines, and it bows out. */
import { Particles, TAU, additive, beams, due, ease, ember, flare, flash, glow, halo, leaf, mix, normal, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 8;
export const play = (canvas, options) => perform(canvas, options, { id: "spotlight", seconds, direct });

const COLOURS = ["#ffd24d", "#ff8ac8", "#8fd8ff", "#b08bff", "#ffffff"];

function direct(view) {
  const { ctx, random } = view;
  const sparks = new Particles(260);
  const paper = new Particles(200);

  function burst(x, y) {
    for (let k = 0; k < 150; k += 1) {
      const angle = random() * TAU;
      const speed = view.unit * (30 + random() * 110);
      const p = sparks.next(k % 4 ? ember(COLOURS[k % 5]) : twinkle(COLOURS[k % 5]), x, y, 1 + random() * 1.3);
      p.vx = Math.cos(angle) * speed;
      p.vy = Math.sin(angle) * speed;
      p.drag = 1.4;
      p.gravity = view.unit * 20;
      p.size = view.unit * (2 + random() * 4);
      if (k % 4) p.streak = 0.08;
    }
  }

  function throwPaper(count) {
    for (let k = 0; k < count; k += 1) {
      const p = paper.next(leaf(COLOURS[Math.floor(random() * 4)]), random() * view.width, -view.unit * 4, 4);
      p.vy = view.unit * (24 + random() * 30);
      p.vx = (random() - 0.5) * view.unit * 14;
      p.angle = random() * TAU;
      p.spin = random() * 4 - 2;
      p.tumble = 2 + random() * 5;
      p.size = view.unit * (2.4 + random() * 3);
    }
  }

  let shone = false;
  return (t, dt) => {
    const { unit, x, y, height } = view;
    const light = swell(t, 0.2, 1.2, 6.8, 7.8);
    const climax = swell(t, 2.6, 2.9, 3.2, 4.6);
    const gone = ease.in(span(t, 6.8, 7.7));
    const heroY = mix(height + unit * 60, y, ease.back(span(t, 0.8, 2.2))) + Math.sin(t * 2) * unit * 1.4;
    veil(view, swell(t, 0, 0.7, 7, seconds) * 0.95, "#12082e");
    additive(ctx);
    for (const side of [-1, 1]) {
      const sweep = side * (0.5 + 0.16 * Math.sin(t * 1.1)) * (1 - 0.3 * span(t, 1, 2.6));
      stamp(ctx, glow(side < 0 ? "#ff8ac8" : "#8fb8ff"), x + Math.sin(sweep) * unit * 60, height * 0.3, height * 1.7, 0.5 * light, Math.PI / 2 + sweep * 0.6, 0.2);
    }
    stamp(ctx, beams("#ffe3b0", 16), x, heroY, unit * (170 + climax * 120), light * (0.5 + climax * 0.5), t * 0.15);
    stamp(ctx, glow("#ffb84d"), x, heroY, unit * 130, 0.45 * light);
    normal(ctx);
    stamp(ctx, view.hero, x, heroY, unit * 84 * (1 + climax * 0.14) * (1 - gone), 1, Math.sin(t * 1.7) * 0.05);
    additive(ctx);
    if (t > 2.8 && !shone) {
      shone = true;
      burst(x, heroY);
    }
    for (let k = 0; k < 3; k += 1) {
      const out = span(t, 2.8 + k * 0.25, 4.2 + k * 0.25);
      stamp(ctx, halo(COLOURS[k]), x, heroY, unit * 290 * ease.out(out), out > 0 ? 1 - out : 0);
    }
    stamp(ctx, flare("#ffffff"), x, heroY, unit * 200 * climax, climax * 0.7, t * 0.2);
    sparks.draw(ctx, dt);
    normal(ctx);
    if (t > 3 && t < 6.6) throwPaper(due(34, dt, random));
    paper.draw(ctx, dt);
    flash(view, swell(t, 2.72, 2.85, 2.88, 3.4) * 0.4, "#fff4dc");
  };
}
