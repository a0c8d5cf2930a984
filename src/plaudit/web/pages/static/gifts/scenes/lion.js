/* Two eyes open in the dark. The sun rises behind them, the lion roars twice over the savanna, and gold rains. */
import { Particles, TAU, additive, beams, due, ease, ember, flare, flash, glow, halo, leaf, mix, normal, paint, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 12;
export const play = (canvas, options) => perform(canvas, options, { id: "lion", seconds, direct });

const GOLD = ["#ffd24d", "#ffb02e", "#fff0a8", "#ff8a3d"];
const ROARS = [4.6, 6.6];
const HILLS = [["#b8432a", 0.2, 38, 0.05], ["#7a2438", 0.13, 52, 0.1], ["#3d1030", 0.06, 30, 0.18]];

const disc = () =>
  paint("lion sun", 512, (ctx, size) => {
    const light = ctx.createRadialGradient(size * 0.44, size * 0.4, 0, size / 2, size / 2, size / 2);
    for (const [where, colour] of [[0, "#fffbe0"], [0.45, "#ffd95e"], [0.86, "#ff9a3d"], [0.93, "#ff8a3de0"], [1, "#ff6a3d00"]]) light.addColorStop(where, colour);
    ctx.fillStyle = light;
    ctx.fillRect(0, 0, size, size);
  });

/** One lick of the mane, its root at the left. */
const lick = (root, tip) =>
  paint(`lick ${root} ${tip}`, 256, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, size, 0);
    light.addColorStop(0, `${root}ff`);
    light.addColorStop(0.6, `${tip}d0`);
    light.addColorStop(1, `${tip}00`);
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.moveTo(0, size * 0.5);
    ctx.bezierCurveTo(size * 0.2, size * 0.28, size * 0.6, size * 0.34, size, size * 0.44);
    ctx.bezierCurveTo(size * 0.7, size * 0.58, size * 0.3, size * 0.72, 0, size * 0.5);
    ctx.fill();
  });

function direct(view) {
  const { ctx, random } = view;
  const embers = new Particles(520);
  const gold = new Particles(300);
  const licks = [lick("#4a0c2a", "#8c1f3a"), lick("#8c1f2e", "#d8431f"), lick("#c9351f", "#ff8a2e")];
  const blades = Array.from({ length: 130 }, () => ({ across: random(), tall: 5 + random() * 13, beat: random() * TAU }));
  const roared = ROARS.map(() => false);

  /** Fire around the picture that streams outwards; `gust` is how hard. */
  function mane(x, y, size, t, gust, alpha) {
    licks.forEach((picture, layer) => {
      const count = 26 - layer * 4;
      for (let k = 0; k < count; k += 1) {
        const angle = (k / count) * TAU + layer * 0.3 + Math.sin(t * 1.4 + k) * 0.05;
        const length = size * (0.5 - layer * 0.09) * (1 + gust * 0.55) * (0.86 + 0.14 * Math.sin(t * 5 + k * 2.4 + layer));
        const from = size * 0.25 + length / 2;
        stamp(ctx, picture, x + Math.cos(angle) * from, y + Math.sin(angle) * from, length, alpha, angle, 0.7);
      }
    });
  }

  function hill([colour, high, long, drift], t, rise) {
    const { unit, width, height } = view;
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.moveTo(0, height + 2);
    for (let x = 0; x <= width + 16; x += 16) {
      const swing = Math.sin(x / (long * unit) + t * drift) * 0.6 + Math.sin(x / (long * unit * 0.37) + high * 40) * 0.25;
      ctx.lineTo(x, height - (high * height + swing * unit * 6) * rise);
    }
    ctx.lineTo(width + 16, height + 2);
    ctx.fill();
  }

  function grass(t, rise, gust) {
    const { unit, width, height } = view;
    ctx.strokeStyle = "#240818";
    ctx.lineWidth = unit * 1.3;
    ctx.lineCap = "round";
    ctx.beginPath();
    for (const blade of blades) {
      const x = blade.across * width;
      const away = x < view.x ? -1 : 1;
      const sway = (Math.sin(t * 1.8 + blade.beat) * 2 + away * gust * 7) * unit;
      const foot = height + unit * 2 + (1 - rise) * unit * 24;
      ctx.moveTo(x, foot);
      ctx.quadraticCurveTo(x, foot - blade.tall * unit * 0.7, x + sway, foot - blade.tall * unit);
    }
    ctx.stroke();
  }

  function roar(x, y) {
    for (let k = 0; k < 150; k += 1) {
      const angle = random() * TAU;
      const speed = view.unit * (50 + random() * 130);
      const p = embers.next(k % 6 ? ember(GOLD[k % 4]) : twinkle("#fff3c4"), x + Math.cos(angle) * view.unit * 24, y + Math.sin(angle) * view.unit * 24, 1 + random() * 1.4);
      p.vx = Math.cos(angle) * speed;
      p.vy = Math.sin(angle) * speed;
      p.drag = 1.1;
      p.gravity = -view.unit * 8;
      p.size = view.unit * (2 + random() * 4.5);
      if (k % 6) p.streak = 0.07;
    }
  }

  function drift(count) {
    for (let k = 0; k < count; k += 1) {
      const p = embers.next(ember(GOLD[Math.floor(random() * 4)]), random() * view.width, view.height * (0.75 + random() * 0.3), 2 + random() * 2);
      p.vy = -view.unit * (12 + random() * 26);
      p.vx = (random() - 0.5) * view.unit * 12;
      p.size = view.unit * (1 + random() * 2.6);
    }
  }

  function rain(count) {
    for (let k = 0; k < count; k += 1) {
      const p = gold.next(leaf(GOLD[Math.floor(random() * 3)]), random() * view.width, -view.unit * 4, 4);
      p.vy = view.unit * (26 + random() * 36);
      p.vx = (random() - 0.5) * view.unit * 10;
      p.angle = random() * TAU;
      p.spin = random() * 5 - 2.5;
      p.tumble = 3 + random() * 6;
      p.size = view.unit * (2.4 + random() * 3.4);
    }
  }

  /** Before anything else is seen: two eyes, which open and blink once. */
  function eyes(t, x, y, size) {
    const alpha = swell(t, 0.5, 1, 2.6, 3.2);
    const lid = span(t, 0.5, 1) * (1 - swell(t, 1.5, 1.6, 1.62, 1.78));
    for (const side of [-1, 1]) {
      stamp(ctx, glow("#ff9a1c"), x + side * size * 0.121, y + size * 0.02, size * 0.42, alpha * 0.8, 0, Math.max(0.04, lid));
      stamp(ctx, ember("#ffd24d"), x + side * size * 0.121, y + size * 0.02, size * 0.15, alpha, side * 0.2, Math.max(0.04, lid * 0.6));
    }
  }

  return (t, dt) => {
    const { unit, x, width, height } = view;
    const dark = swell(t, 0, 0.6, 10.4, seconds);
    const dawn = ease.both(span(t, 2.2, 4.2)) * (1 - ease.in(span(t, 10, 11.6)));
    const gust = Math.max(swell(t, ROARS[0], ROARS[0] + 0.2, 5, 6.2), swell(t, ROARS[1], ROARS[1] + 0.2, 7.4, 8.6));
    const shake = gust * unit * 1.5;
    const y = height * 0.47;
    const closer = 1 + 0.1 * span(t, 3, 9) + gust * 0.13;
    const gone = ease.in(span(t, 10, 11.2));
    const size = Math.min(unit * 92, width * 0.82) * closer * (1 - gone * 0.25);
    veil(view, dark, "#1a0612");
    ctx.save();
    ctx.translate(Math.sin(t * 83) * shake, Math.cos(t * 67) * shake);
    additive(ctx);
    stamp(ctx, glow("#ff6a2e"), x, height * 0.7, Math.max(width, height) * 1.7, 0.75 * dawn);
    stamp(ctx, beams("#ffd27a", 18), x, y, Math.max(width, height) * (1.2 + gust * 0.4), dawn * (0.5 + gust * 0.5), t * 0.09);
    normal(ctx);
    stamp(ctx, disc(), x, mix(height * 1.1, y, dawn), unit * 146, dawn);
    for (const one of HILLS) hill(one, t, dawn);
    const shown = ease.both(span(t, 2.6, 3.7)) * (1 - gone);
    mane(x, y, size, t, gust, shown * 0.95);
    stamp(ctx, view.hero, x, y - gust * unit * 2, size, shown, Math.sin(t * 1.3) * 0.025 - gust * 0.03 * Math.sin(t * 30));
    additive(ctx);
    eyes(t, x, y, size);
    stamp(ctx, ember("#ffe27a"), x, y - size * 0.37, unit * 30 * swell(t, 8.4, 8.8, 8.9, 9.6), 1);
    stamp(ctx, flare("#ffffff"), x, y - size * 0.37, unit * 170 * swell(t, 8.4, 8.8, 8.9, 9.6), 1, t * 0.5);
    ROARS.forEach((at, k) => {
      if (t > at && !roared[k]) {
        roared[k] = true;
        roar(x, y);
      }
      for (let wave = 0; wave < 4; wave += 1) {
        const out = span(t, at + wave * 0.2, at + wave * 0.2 + 1.3);
        stamp(ctx, halo(GOLD[wave]), x, y + size * 0.2, unit * mix(50, 330, ease.out(out)), out > 0 ? 1 - out : 0);
      }
    });
    if (t > 2.4 && t < 10.4) drift(due(26 + gone * 200, dt, random));
    embers.draw(ctx, dt);
    normal(ctx);
    grass(t, dawn, gust);
    ctx.restore();
    if (t > 7 && t < 10.2) rain(due(80, dt, random));
    gold.draw(ctx, dt);
    flash(view, swell(t, ROARS[0], ROARS[0] + 0.06, ROARS[0] + 0.08, 5.1) * 0.45, "#ffe6b0");
    flash(view, swell(t, ROARS[1], ROARS[1] + 0.06, ROARS[1] + 0.08, 7.2) * 0.55, "#fff0c8");
  };
}
