/* A flight among the stars to a black hole, once around it, and through. */
import { Particles, TAU, additive, due, ease, ember, flash, glow, halo, mix, normal, paint, perform, span, stamp, swell, veil } from "./stagecraft.js";

export const seconds = 11;
export const play = (canvas, options) => perform(canvas, options, { id: "interstellar", seconds, direct });

const COLOURS = ["#ffffff", "#bfe0ff", "#ffe0b0", "#c9b0ff"];
const DISC = ["#fff3c4", "#ffb84d", "#ff7a4d", "#e0409a"];
const THROUGH = 8.2;

const warp = (colour) =>
  paint(`warp ${colour}`, 128, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, size, 0);
    light.addColorStop(0, `${colour}00`);
    light.addColorStop(1, colour);
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.roundRect(0, size * 0.4, size, size * 0.2, size * 0.1);
    ctx.fill();
  });

function direct(view) {
  const { ctx, random } = view;
  const sparks = new Particles(260);
  const stars = Array.from({ length: 240 }, (_, k) => ({ angle: random() * TAU, wide: 0.08 + random() * 0.9, deep: random(), streak: warp(COLOURS[k % 4]), dot: ember(COLOURS[k % 4]) }));
  const disc = Array.from({ length: 330 }, () => {
    const far = 0.62 + random() ** 1.6 * 0.9;
    return { far, angle: random() * TAU, size: 2 + random() * 5, point: ember(DISC[Math.min(3, Math.floor((far - 0.62) * 4 + random()))]) };
  });

  /** Stars that come towards us; the faster, the longer. */
  function fly(dt, speed, alpha) {
    const reach = Math.hypot(view.width, view.height) * 0.5;
    const turn = speed < 0 ? Math.PI : 0;
    for (const star of stars) {
      star.deep = (star.deep + dt * speed * 0.35 + 1) % 1;
      const out = star.deep ** 2.4 * 1.25;
      const x = view.x + Math.cos(star.angle) * reach * (star.wide * 0.1 + out);
      const y = view.y + Math.sin(star.angle) * reach * (star.wide * 0.1 + out);
      const length = view.unit * Math.abs(speed) * 14 * star.deep;
      if (length > view.unit * 5) stamp(ctx, star.streak, x, y, length, alpha * star.deep, star.angle + turn, Math.min(0.5, (view.unit * (2 + star.deep * 4)) / length));
      else stamp(ctx, star.dot, x, y, view.unit * (0.8 + star.deep * 2), alpha * star.deep);
    }
  }

  function ring(t, size, front, fall) {
    const cos = Math.cos(-0.28);
    const sin = Math.sin(-0.28);
    for (const grain of disc) {
      const angle = grain.angle + (t * 1.6) / grain.far ** 1.5;
      if (Math.sin(angle) > 0 !== front) continue;
      const far = grain.far * size * (1 - fall * 0.8);
      const along = Math.cos(angle) * far;
      const across = Math.sin(angle) * far * 0.26;
      stamp(ctx, grain.point, view.x + along * cos - across * sin, view.y + along * sin + across * cos, grain.size * view.unit * 0.42, 0.85);
    }
  }

  function swallow(count, size) {
    for (let k = 0; k < count; k += 1) {
      const angle = random() * TAU;
      const p = sparks.next(ember(DISC[Math.floor(random() * 4)]), view.x + Math.cos(angle) * size * 1.4, view.y + Math.sin(angle) * size * 1.4, 0.9);
      p.vx = -Math.cos(angle) * size * 1.3 - Math.sin(angle) * size * 0.9;
      p.vy = -Math.sin(angle) * size * 1.3 + Math.cos(angle) * size * 0.9;
      p.size = view.unit * 3.4;
      p.grow = -view.unit * 2.4;
    }
  }

  return (t, dt) => {
    const { unit, x, y } = view;
    const near = ease.out(span(t, 2, 4.6));
    const fall = ease.in(span(t, 6.8, THROUGH));
    const size = unit * (66 * near + 260 * fall);
    const seen = span(t, 2, 2.6) * (1 - span(t, THROUGH - 0.1, THROUGH));
    const speed = mix(4.4, 0.35, ease.both(span(t, 1.4, 3.4))) + fall * 6 + swell(t, THROUGH, THROUGH + 0.1, 9, 10.6) * 6;
    veil(view, swell(t, 0, 0.8, 9.8, seconds), "#05031a");
    additive(ctx);
    fly(dt, speed, swell(t, 0, 1, 9.8, seconds));
    if (seen > 0) {
      stamp(ctx, glow("#8a3fff"), x, y, size * 3.6, 0.5 * seen);
      stamp(ctx, glow("#ff7a4d"), x, y, size * 2.5, 0.7 * seen);
      ring(t, size, false, fall);
      normal(ctx);
      stamp(ctx, view.hero, x, y, size * 1.28, seen, 0.05 * Math.sin(t));
      additive(ctx);
      ring(t, size, true, fall);
      for (let k = 0; k < 3; k += 1) {
        const beat = (t * 0.4 + k / 3) % 1;
        stamp(ctx, halo(DISC[k]), x, y, size * mix(3.4, 0.9, beat), 0.5 * seen * Math.sin(beat * Math.PI), -0.28, 0.7);
      }
      swallow(due(70, dt, random), size);
    }
    sparks.draw(ctx, dt);
    const after = span(t, THROUGH, 10.4);
    if (after > 0) {
      for (let k = 0; k < 5; k += 1) {
        const deep = ((t - THROUGH) * 0.9 + k / 5) % 1;
        stamp(ctx, halo(["#7ad8ff", "#b08bff", "#ff8ac8", "#ffd9a0", "#8affd0"][k]), x, y, unit * 320 * deep ** 1.8, (1 - after) * deep * 1.4);
      }
      stamp(ctx, glow("#ffffff"), x, y, unit * 140 * (1 - after), 1 - after);
    }
    flash(view, swell(t, THROUGH - 0.35, THROUGH, THROUGH + 0.05, THROUGH + 0.9) * 0.85, "#fff6e6");
  };
}
