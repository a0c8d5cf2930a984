/* The ring comes down in a beam, lands, turns the light into colours, and sparkles until it goes. */
import { Particles, TAU, additive, beams, due, ease, ember, flare, flash, glow, halo, mix, normal, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 9;
export const play = (canvas, options) => perform(canvas, options, { id: "diamond_ring", seconds, direct });

const SPECTRUM = ["#ff6f9f", "#ffb35c", "#ffe96b", "#6be8b0", "#6bc4ff", "#a88bff"];
const GLINTS = [[-0.2, -0.36, 0], [0.14, -0.4, 0.9], [0.27, -0.26, 1.7], [0, -0.12, 2.3], [-0.26, 0.22, 3.1], [0.22, 0.36, 3.9]];

function direct(view) {
  const { ctx, random } = view;
  const shower = new Particles(260);

  function fan(x, y, length, alpha, turn) {
    const beam = glow("#ffffff");
    SPECTRUM.forEach((colour, k) => {
      const angle = 0.35 + k * 0.19 + turn;
      const away = length * 0.5;
      stamp(ctx, glow(colour), x + Math.cos(angle) * away, y + Math.sin(angle) * away, length * 1.2, alpha, angle, 0.1);
      stamp(ctx, glow(colour), x - Math.cos(angle) * away, y + Math.sin(angle) * away, length * 1.2, alpha, Math.PI - angle, 0.1);
    });
    stamp(ctx, beam, x, y, length * 0.5, alpha);
  }

  function rain(count) {
    for (let k = 0; k < count; k += 1) {
      const p = shower.next(twinkle(random() < 0.5 ? "#ffffff" : SPECTRUM[Math.floor(random() * 6)]), random() * view.width, -20, 3 + random() * 2);
      p.vy = view.unit * (18 + random() * 34);
      p.size = view.unit * (1.6 + random() ** 2 * 5);
      p.spin = random() * 4 - 2;
      p.tumble = 3 + random() * 4;
    }
  }

  function splash(x, y) {
    for (let k = 0; k < 70; k += 1) {
      const angle = random() * TAU;
      const p = shower.next(ember(SPECTRUM[k % 6]), x, y, 0.9 + random());
      p.vx = Math.cos(angle) * view.unit * (20 + random() * 90);
      p.vy = Math.sin(angle) * view.unit * (20 + random() * 90);
      p.drag = 2;
      p.size = view.unit * (2 + random() * 3);
      p.streak = 0.1;
    }
  }

  let shone = false;
  return (t, dt) => {
    const { x, y, unit } = view;
    const gone = ease.in(span(t, 8, 8.8));
    const size = unit * 84 * (1 - gone);
    const ringY = mix(-unit * 60, y, ease.bounce(span(t, 0.4, 2.2))) + Math.sin(t * 1.6) * unit * 1.5;
    const stoneY = ringY - size * 0.28;
    const climax = swell(t, 4.6, 5.1, 5.6, 7);
    veil(view, swell(t, 0, 0.7, 7.8, seconds) * 0.92, "#120a33");
    additive(ctx);
    stamp(ctx, glow("#8ab4ff"), x, view.height * 0.4, view.height * 1.5, 0.4 * swell(t, 0.1, 1, 7.6, 8.6));
    stamp(ctx, beams("#cfe0ff", 18), x, stoneY, unit * (150 + climax * 90), 0.5 * swell(t, 1.4, 2.4, 7.4, 8.4) + climax * 0.4, t * 0.14);
    stamp(ctx, beams("#ffd9f2", 11), x, stoneY, unit * (110 + climax * 70), 0.4 * swell(t, 1.6, 2.6, 7.4, 8.4), -t * 0.2);
    fan(x, stoneY, unit * (70 + climax * 60), 0.35 * swell(t, 2.6, 3.4, 7, 8) + climax * 0.4, Math.sin(t * 0.9) * 0.12);
    if (t > 2 && t < 7.6) rain(due(22 + climax * 40, dt, random));
    shower.draw(ctx, dt);
    normal(ctx);
    stamp(ctx, view.hero, x, ringY, size, 1, Math.sin(t * 1.2) * 0.06);
    additive(ctx);
    for (const [across, down, late] of GLINTS) {
      const beat = Math.max(0, Math.sin((t - late) * 2.4)) ** 8;
      stamp(ctx, twinkle("#ffffff"), x + across * size, ringY + down * size, unit * 22 * beat, beat * span(t, 2, 2.4) * (1 - gone), t * 0.4);
    }
    if (t > 4.9 && !shone) {
      shone = true;
      splash(x, stoneY);
    }
    stamp(ctx, halo("#e6f2ff"), x, stoneY, unit * 230 * ease.out(span(t, 4.9, 6.3)), 1 - span(t, 4.9, 6.3));
    stamp(ctx, halo("#ffc9ec"), x, stoneY, unit * 170 * ease.out(span(t, 5.2, 6.8)), 0.8 * (1 - span(t, 5.2, 6.8)));
    stamp(ctx, flare("#e6f2ff"), x, stoneY, unit * 220 * climax, climax * 0.9, 0.2 + t * 0.1);
    stamp(ctx, flare("#ffffff"), x, stoneY, unit * 120 * climax, climax * 0.8, 0.98 + t * 0.1);
    flash(view, swell(t, 4.8, 4.95, 5, 5.5) * 0.4);
    stamp(ctx, twinkle("#ffffff"), x, y, unit * 60 * swell(t, 8.2, 8.6, 8.6, 9), 1);
  };
}
