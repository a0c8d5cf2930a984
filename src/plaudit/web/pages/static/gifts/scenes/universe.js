/* Nothing, then everything: a bang, a sky that turns in three dimensions, worlds on golden rings, and a heart of stars. */
import { Particles, TAU, additive, beams, due, ease, ember, flare, flash, glow, halo, mix, normal, paint, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 12;
export const play = (canvas, options) => perform(canvas, options, { id: "universe", seconds, direct });

const COLOURS = ["#ffffff", "#bfe6ff", "#ffe0b0", "#ffb0e0", "#c9b0ff"];
const CLOUDS = [["#7a3fff", -0.26, -0.2, 1.5], ["#ff3db0", 0.28, -0.12, 1.2], ["#2f9bff", -0.2, 0.26, 1.3], ["#ff9a4d", 0.24, 0.28, 0.9], ["#2fd6c0", 0, -0.34, 1]];
// Light and dark of each world, its distance and size in units, its speed, the tilt of its ring.
const WORLDS = [
  ["#fff0a8", "#d8306a", 58, 12, 0.9, -0.38], ["#c9fff5", "#2f4fd0", 74, 9, -0.7, 0.5], ["#ffd9f2", "#8a1fa8", 66, 7, 1.2, 1.25], ["#e6ffc9", "#1f8a6a", 84, 8, 0.6, -0.1],
];
const BANG = 1.3;
const LINED = [7.4, 9]; // when the stars go to their places in the heart
const GOING = 10.6;

const world = (light, dark) =>
  paint(`world ${light} ${dark}`, 160, (ctx, size) => {
    const shade = ctx.createRadialGradient(size * 0.36, size * 0.3, 0, size * 0.45, size * 0.42, size * 0.58);
    shade.addColorStop(0, "#ffffff");
    shade.addColorStop(0.16, light);
    shade.addColorStop(0.75, dark);
    shade.addColorStop(1, "#160638");
    ctx.fillStyle = shade;
    ctx.beginPath();
    ctx.arc(size / 2, size / 2, size * 0.48, 0, TAU);
    ctx.fill();
    ctx.clip();
    ctx.fillStyle = "#ffffff";
    ctx.globalAlpha = 0.16;
    for (const [y, tall] of [[0.3, 0.07], [0.46, 0.11], [0.66, 0.05]]) ctx.fillRect(0, size * y, size, size * tall);
  });

function direct(view) {
  const { ctx, random } = view;
  const dust = new Particles(420);
  const stars = Array.from({ length: 420 }, (_, k) => {
    const up = random() * 2 - 1;
    const around = random() * TAU;
    const flat = Math.sqrt(1 - up * up);
    const far = 0.35 + random() * 0.65;
    const a = (k / 190) * TAU;
    return {
      x: Math.cos(around) * flat * far, y: up * far, z: Math.sin(around) * flat * far, size: 1.4 + random() ** 3 * 4, beat: random() * TAU, point: ember(COLOURS[k % 5]),
      lined: k < 190, heartX: Math.sin(a) ** 3, heartY: -(13 * Math.cos(a) - 5 * Math.cos(2 * a) - 2 * Math.cos(3 * a) - Math.cos(4 * a)) / 16 - 0.08,
    };
  });
  const worlds = WORLDS.map(([light, dark, far, size, speed, tilt], k) => ({ picture: world(light, dark), shine: glow(light), far, size, speed, tilt, start: k * 1.7 }));

  /** The sky as a ball of stars that turns; `line` moves those of the heart to their places. */
  function sky(t, open, line) {
    const reach = Math.hypot(view.width, view.height) * 0.62 * open;
    const heart = Math.min(view.unit * 66, view.width * 0.42);
    const cos = Math.cos(t * 0.22);
    const sin = Math.sin(t * 0.22);
    for (const star of stars) {
      const deep = star.z * cos - star.x * sin;
      const near = 1 / (1.7 - deep);
      let x = view.x + (star.x * cos + star.z * sin) * reach * near * 1.5;
      let y = view.y + star.y * reach * near * 1.5;
      const pull = star.lined ? line : 0;
      x = mix(x, view.x + star.heartX * heart, pull);
      y = mix(y, view.y + star.heartY * heart, pull);
      const light = (0.45 + near * 0.5) * (0.75 + 0.25 * Math.sin(t * 4 + star.beat));
      stamp(ctx, star.point, x, y, star.size * view.unit * (near * 0.9 + pull * 0.4), Math.min(1, light + pull) * Math.min(1, open * 2));
    }
  }

  function orbit(one, shown, front) {
    ctx.save();
    ctx.translate(view.x, view.y);
    ctx.rotate(one.tilt);
    ctx.globalAlpha = 0.75 * shown;
    ctx.strokeStyle = front ? "#ffe27a" : "#c98a2e";
    ctx.lineWidth = view.unit * (front ? 0.9 : 0.6);
    ctx.beginPath();
    ctx.ellipse(0, 0, one.far * view.unit * shown, one.far * view.unit * 0.3 * shown, 0, front ? 0 : Math.PI, front ? Math.PI : TAU);
    ctx.stroke();
    ctx.restore();
  }

  function circle(one, t, shown, front) {
    const angle = one.start + t * one.speed;
    if (Math.sin(angle) > 0 !== front) return;
    const along = Math.cos(angle) * one.far * view.unit * shown;
    const across = Math.sin(angle) * one.far * view.unit * 0.3 * shown;
    const x = view.x + along * Math.cos(one.tilt) - across * Math.sin(one.tilt);
    const y = view.y + along * Math.sin(one.tilt) + across * Math.cos(one.tilt);
    const size = one.size * view.unit * (1.25 + 0.35 * Math.sin(angle)) * Math.min(1, shown);
    additive(ctx);
    stamp(ctx, one.shine, x, y, size * 2.6, 0.4 * shown);
    normal(ctx);
    stamp(ctx, one.picture, x, y, size, shown);
  }

  function bang(count, power) {
    for (let k = 0; k < count; k += 1) {
      const angle = random() * TAU;
      const speed = view.unit * power * (0.2 + random());
      const p = dust.next(k % 7 ? ember(COLOURS[k % 5]) : twinkle(COLOURS[1 + (k % 4)]), view.x, view.y, 1.2 + random() * 1.6);
      p.vx = Math.cos(angle) * speed;
      p.vy = Math.sin(angle) * speed;
      p.drag = 1.1;
      p.size = view.unit * (2 + random() * 4);
      if (k % 7) p.streak = 0.07;
    }
  }

  function gather(count) {
    for (let k = 0; k < count; k += 1) {
      const angle = random() * TAU;
      const far = view.unit * (40 + random() * 50);
      const p = dust.next(ember(COLOURS[k % 5]), view.x + Math.cos(angle) * far, view.y + Math.sin(angle) * far, 0.8);
      p.vx = -Math.cos(angle) * far * 1.2;
      p.vy = -Math.sin(angle) * far * 1.2;
      p.size = view.unit * 2.6;
    }
  }

  function nebula(t, open, alpha) {
    for (const [colour, across, down, size] of CLOUDS) {
      const turned = t * 0.12 + across * 9;
      const x = view.x + (across * Math.cos(t * 0.1) - down * Math.sin(t * 0.1)) * view.width * open * 1.3;
      const y = view.y + (down * Math.cos(t * 0.1) + across * Math.sin(t * 0.1)) * view.height * open * 1.1;
      stamp(ctx, glow(colour), x, y, Math.max(view.width, view.height) * size * 0.75 * open, alpha, turned, 0.7);
    }
  }

  let banged = false;
  let burst = false;
  return (t, dt) => {
    const { unit, x, y } = view;
    const all = swell(t, 0, 0.8, 10.9, seconds);
    const open = ease.out(span(t, BANG, 4)) * (1 - 0.9 * ease.in(span(t, GOING, 11.8)));
    const line = ease.both(span(t, LINED[0], LINED[1]));
    const shown = ease.back(span(t, 2.8, 4.6)) * (1 - ease.both(span(t, 7, 8.2)));
    const climax = swell(t, 5.6, 6, 6.3, 7.4);
    veil(view, all, "#04021a");
    additive(ctx);
    nebula(t, open, 0.5 * all);
    sky(t, open, line);
    if (t < BANG) gather(due(120, dt, random));
    stamp(ctx, ember("#ffffff"), x, y, unit * 16 * ease.in(span(t, 0.3, BANG)) * (1 + 0.3 * Math.sin(t * 40)), 1 - span(t, BANG, BANG + 0.6));
    stamp(ctx, beams("#ffe9c9", 22), x, y, unit * (220 + climax * 160), swell(t, BANG, BANG + 0.15, 2.2, 4.6) + climax * 0.9 + 0.4 * swell(t, LINED[1], 9.6, 10.4, 11), t * 0.1);
    if (t > BANG && !banged) { banged = true; bang(240, 150); }
    if (t > 5.9 && !burst) { burst = true; bang(180, 120); }
    for (let k = 0; k < 3; k += 1) {
      const out = span(t, BANG + k * 0.25, BANG + 1.6 + k * 0.3);
      stamp(ctx, halo(COLOURS[k + 1]), x, y, unit * 380 * ease.out(out), out > 0 ? 1 - out : 0);
      const again = span(t, 5.9 + k * 0.2, 7.3 + k * 0.2);
      stamp(ctx, halo(COLOURS[4 - k]), x, y, unit * 300 * ease.out(again), again > 0 ? 1 - again : 0, 0.4 * k + 0.01, 0.7);
    }
    normal(ctx);
    for (const one of worlds) orbit(one, shown, false);
    for (const one of worlds) circle(one, t, shown, false);
    additive(ctx);
    stamp(ctx, glow("#8a4dff"), x, y, unit * 150 * shown, 0.7);
    normal(ctx);
    stamp(ctx, view.hero, x, y, unit * 70 * shown * (1 + climax * 0.16), Math.min(1, shown), Math.sin(t * 0.7) * 0.08);
    for (const one of worlds) orbit(one, shown, true);
    for (const one of worlds) circle(one, t, shown, true);
    additive(ctx);
    dust.draw(ctx, dt);
    const beat = line * (1 + 0.12 * Math.max(0, Math.sin(t * 5)) ** 4);
    stamp(ctx, glow("#ff5cb0"), x, y, unit * 150 * beat, 0.65 * line * all);
    normal(ctx);
    stamp(ctx, view.hero, x, y, unit * 40 * ease.back(span(t, 8.4, 9.2)) * (1 - ease.in(span(t, GOING, 11.5))) * beat, line, t * 0.2);
    additive(ctx);
    stamp(ctx, flare("#ffffff"), x, y, unit * 200 * swell(t, 11.1, 11.5, 11.5, seconds), 1);
    flash(view, swell(t, BANG - 0.08, BANG + 0.05, BANG + 0.15, 2.4) * 0.95, "#fff8ec");
    flash(view, swell(t, 5.8, 5.95, 6, 6.6) * 0.5, "#ffe6fa");
  };
}
