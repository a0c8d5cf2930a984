/* Night falls, a castle grows out of the clouds, a star draws an arc over it, lanterns and fireworks go up. */
import { Particles, TAU, additive, beams, cloud, due, ease, ember, glow, mix, normal, paint, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 12;
export const play = (canvas, options) => perform(canvas, options, { id: "castle", seconds, direct });

const COLOURS = ["#ff8ac8", "#ffd24d", "#7ad8ff", "#b08bff"];
const BURSTS = [[6.2, 0.22, 0.2], [6.6, 0.78, 0.16], [7.2, 0.5, 0.1], [7.7, 0.14, 0.32], [8.1, 0.86, 0.3], [8.7, 0.34, 0.12], [9, 0.68, 0.1]];

const lantern = () =>
  paint("lantern", 64, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, 0, size);
    light.addColorStop(0, "#ff9a4d");
    light.addColorStop(1, "#fff0a8");
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.roundRect(size * 0.28, size * 0.2, size * 0.44, size * 0.56, [size * 0.18, size * 0.18, size * 0.08, size * 0.08]);
    ctx.fill();
    ctx.fillStyle = "#c9501c";
    ctx.fillRect(size * 0.34, size * 0.74, size * 0.32, size * 0.05);
  });

function direct(view) {
  const { ctx, random } = view;
  const sparks = new Particles(620);
  const stars = Array.from({ length: 70 }, () => ({ x: random(), y: random() * 0.7, size: 1 + random() * 3, beat: random() * TAU }));
  const lanterns = Array.from({ length: 22 }, () => ({ across: random(), at: 4.6 + random() * 4, far: 0.4 + random() * 0.6, beat: random() * TAU }));
  const bank = Array.from({ length: 13 }, (_, k) => ({ across: k / 12, down: random() * 0.05, size: 52 + random() * 40, side: k % 2 ? 1 : -1 }));
  const lit = BURSTS.map(() => false);
  const white = cloud("#fff6ff", "#a892e8");

  function sky(t, alpha) {
    stamp(ctx, glow("#ff7ac0"), view.x, view.height * 0.86, view.unit * 260, 0.6 * alpha);
    for (const star of stars) {
      stamp(ctx, ember("#ffffff"), star.x * view.width, star.y * view.height, star.size * view.unit * 0.7, alpha * (0.5 + 0.5 * Math.sin(t * 2 + star.beat)));
    }
  }

  /** A falling star's way over the towers, dusting them. */
  function arc(t, dt) {
    const k = span(t, 3.9, 5.8);
    if (k <= 0 || k >= 1) return;
    const a = Math.PI * (1 - k);
    const x = view.x + Math.cos(a) * view.unit * 62;
    const y = view.height * 0.62 - Math.sin(a) * view.unit * 66;
    stamp(ctx, twinkle("#ffffff"), x, y, view.unit * 24, 1, t * 3);
    for (let n = due(150, dt, random); n > 0; n -= 1) {
      const p = sparks.next(random() < 0.3 ? twinkle("#ffe9a8") : ember(COLOURS[Math.floor(random() * 4)]), x, y, 1.6 + random() * 1.4);
      p.vx = (random() - 0.5) * view.unit * 12;
      p.vy = view.unit * random() * 10;
      p.gravity = view.unit * 10;
      p.size = view.unit * (1.6 + random() * 3);
    }
  }

  function open(x, y, colour) {
    for (let k = 0; k < 64; k += 1) {
      const angle = random() * TAU;
      const power = view.unit * 70 * Math.sqrt(random());
      const p = sparks.next(ember(k % 3 ? colour : "#ffffff"), x, y, 1.3 + random() * 0.7);
      p.vx = Math.cos(angle) * power;
      p.vy = Math.sin(angle) * power;
      p.drag = 1.6;
      p.streak = 0.08;
      p.gravity = view.unit * 14;
      p.size = view.unit * (2 + random() * 2.4);
    }
  }

  function float(t) {
    for (const one of lanterns) {
      const k = span(t, one.at, one.at + 6.5);
      if (k <= 0) continue;
      const x = one.across * view.width + Math.sin(t * 0.9 + one.beat) * view.unit * 5;
      const y = mix(view.height * 0.95, -view.unit * 12, k);
      stamp(ctx, glow("#ff9a3d"), x, y, view.unit * 30 * one.far, 0.7 * Math.min(1, k * 6));
      normal(ctx);
      stamp(ctx, lantern(), x, y, view.unit * 15 * one.far, Math.min(1, k * 6), Math.sin(t + one.beat) * 0.12 + 0.001);
      additive(ctx);
    }
  }

  function clouds(t, rise, front) {
    for (const one of bank) {
      if ((one.side > 0) !== front) continue;
      const x = one.across * view.width * 1.1 - view.width * 0.05 + Math.sin(t * 0.4 + one.across * 9) * view.unit * 5;
      stamp(ctx, white, x, mix(view.height * 1.2, view.height * (0.92 + one.down + (front ? 0.05 : 0)), rise), view.unit * one.size, front ? 0.96 : 0.75);
    }
  }

  return (t, dt) => {
    const { unit, x, width, height } = view;
    const night = swell(t, 0, 1.2, 10.6, seconds);
    const rise = ease.out(span(t, 0.6, 2.2)) * (1 - ease.in(span(t, 10.4, 11.8)));
    const grown = ease.both(span(t, 1.4, 4)) * (1 - ease.in(span(t, 10.2, 11.4)));
    const size = Math.min(unit * 118, width * 0.98);
    const centre = Math.min(height * 0.64, height * 0.99 - size * 0.5);
    veil(view, night, "#1a0a52");
    additive(ctx);
    sky(t, night);
    stamp(ctx, beams("#ffd9f2", 16), x, height * 0.6, unit * 240, 0.5 * swell(t, 3.4, 5.8, 9.6, 10.6), t * 0.07);
    stamp(ctx, glow("#ffb0e0"), x, height * 0.62, unit * 150, 0.55 * grown);
    normal(ctx);
    clouds(t, rise, false);
    stamp(ctx, view.hero, x, mix(height + size * 0.5, centre, grown) + Math.sin(t * 1.1) * unit * 0.8, size);
    additive(ctx);
    const windows = span(t, 5.2, 6) * (0.6 + 0.15 * Math.sin(t * 5)) * grown;
    for (let k = -2; k <= 2; k += 1) stamp(ctx, glow("#ff9a2e"), x + k * size * 0.12, centre + size * (0.1 + Math.abs(k) * 0.04), unit * 30, windows * 0.4);
    arc(t, dt);
    BURSTS.forEach(([at, across, down], k) => {
      if (t > at && !lit[k]) {
        lit[k] = true;
        open(across * width, down * height, COLOURS[k % 4]);
      }
      stamp(ctx, glow(COLOURS[k % 4]), across * width, down * height, unit * 100, 0.8 * (t > at ? 1 - span(t, at, at + 0.7) : 0));
    });
    float(t);
    sparks.draw(ctx, dt);
    normal(ctx);
    clouds(t, rise, true);
  };
}
