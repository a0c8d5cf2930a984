/* A point opens into a galaxy that turns over the whole picture, flares, and falls back into the point. */
import { Particles, TAU, additive, beams, due, ease, ember, glow, halo, normal, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 9;
export const play = (canvas, options) => perform(canvas, options, { id: "galaxy", seconds, direct });

const COLOURS = ["#ffe9b8", "#ff9ad8", "#b08bff", "#7ad8ff", "#ffffff"];
const TILT = -0.42;

function direct(view) {
  const { ctx, random } = view;
  const dust = new Particles(160);
  const points = COLOURS.map(ember);
  const stars = Array.from({ length: 560 }, (_, k) => {
    const far = random() ** 0.7;
    return {
      far,
      angle: (k % 2) * Math.PI - far * 4.6 + (random() - 0.5) * (0.5 + far * 0.5),
      size: 1 + random() ** 3 * 3,
      point: points[Math.min(4, Math.floor(far * 3 + random() * 2))],
      beat: random() * TAU,
    };
  });

  function swirl(t, open, turned) {
    const reach = Math.max(view.width, view.height * 0.62) * 0.62 * open;
    const cos = Math.cos(TILT);
    const sin = Math.sin(TILT);
    for (const star of stars) {
      const angle = star.angle + turned / (0.35 + star.far);
      const along = Math.cos(angle) * star.far * reach;
      const across = Math.sin(angle) * star.far * reach * 0.56;
      const light = 0.55 + 0.45 * Math.sin(t * 3 + star.beat);
      stamp(ctx, star.point, view.x + along * cos - across * sin, view.y + along * sin + across * cos, star.size * view.unit * (0.4 + open * 0.7), light * Math.min(1, open * 3));
    }
  }

  return (t, dt) => {
    const open = ease.out(span(t, 0.4, 3)) * (1 - ease.in(span(t, 7.2, 8.5)));
    const flare = swell(t, 4.4, 4.8, 4.9, 6);
    const turned = t * 0.5 + ease.in(span(t, 7, 8.6)) * 5;
    const { x, y, unit } = view;
    veil(view, swell(t, 0, 0.8, 8, seconds), "#0a0428");
    additive(ctx);
    stamp(ctx, glow("#7a3fff"), x, y, unit * 190 * open, 0.75, TILT, 0.6);
    stamp(ctx, glow("#ff5cc0"), x, y, unit * 110 * open, 0.5, TILT, 0.6);
    swirl(t, open, turned);
    stamp(ctx, beams("#ffd9a0"), x, y, unit * (120 + flare * 110), 0.4 * open + flare * 0.6, t * 0.12);
    normal(ctx);
    const size = unit * 92 * ease.back(span(t, 1.2, 2.4)) * (1 - ease.in(span(t, 7.2, 8.3))) * (1 + flare * 0.18);
    stamp(ctx, view.hero, x, y, size, span(t, 1.2, 1.6), Math.sin(t * 0.8) * 0.08);
    additive(ctx);
    stamp(ctx, halo("#ffc9f0"), x, y, unit * 260 * ease.out(span(t, 4.5, 6)), 1 - span(t, 4.5, 6), TILT, 0.66);
    stamp(ctx, glow("#ffffff"), x, y, unit * (14 + flare * 60 + 50 * swell(t, 8, 8.4, 8.4, 8.9)), swell(t, 0, 0.5, 8.6, seconds));
    if (t > 4.5 && t < 6.5) throwDust(due(90, dt, random));
    dust.draw(ctx, dt);
  };

  function throwDust(count) {
    for (let k = 0; k < count; k += 1) {
      const angle = random() * TAU;
      const speed = view.unit * (20 + random() * 60);
      const p = dust.next(twinkle(COLOURS[Math.floor(random() * 5)]), view.x, view.y, 1 + random());
      p.vx = Math.cos(angle) * speed;
      p.vy = Math.sin(angle) * speed * 0.7;
      p.drag = 0.8;
      p.size = view.unit * (2 + random() * 5);
      p.spin = random() * 3 - 1.5;
    }
  }
}
