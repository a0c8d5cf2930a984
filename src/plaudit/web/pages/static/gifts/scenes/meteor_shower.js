/* Small meteors come through an aurora, then the great one, which strikes below and throws up embers and stars. */
import { Particles, TAU, additive, due, ease, ember, flash, glow, halo, mix, normal, paint, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 10;
export const play = (canvas, options) => perform(canvas, options, { id: "meteor_shower", seconds, direct });

const TAILS = ["#ff6fa8", "#9b7bff", "#5cc8ff", "#ffb84d"];
const STRIKE = 5.6;
const FALL = 2.3; // rise over run of every path, as the picture has it

/** A tail that lies along x, bright at the right end. */
const tail = (colour) =>
  paint(`tail ${colour}`, 256, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, size, 0);
    light.addColorStop(0, `${colour}00`);
    light.addColorStop(0.7, `${colour}a0`);
    light.addColorStop(1, "#ffffff");
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.moveTo(0, size / 2);
    ctx.lineTo(size * 0.97, size * 0.36);
    ctx.arc(size * 0.93, size / 2, size * 0.07, -1.2, 1.2);
    ctx.lineTo(0, size / 2);
    ctx.fill();
  });

function direct(view) {
  const { ctx, random } = view;
  const sparks = new Particles(420);
  const way = Math.atan2(1, -0.82);
  const shower = Array.from({ length: 120 }, (_, k) => ({
    at: 0.4 + (k / 120) * 7.6 + random() * 0.3,
    across: random() * 1.7 - 0.1,
    far: 0.35 + random() * 0.65,
    colour: TAILS[k % 4],
  }));

  function aurora(t, alpha) {
    for (let k = 0; k < 7; k += 1) {
      const x = view.width * ((k + 0.5) / 7) + Math.sin(t * 0.5 + k) * view.unit * 8;
      stamp(ctx, glow(["#2fd6a3", "#5a7bff", "#b05cff"][k % 3]), x, view.height * (0.22 + 0.05 * Math.sin(t * 0.7 + k * 1.7)), view.height * 0.29, alpha * (0.5 + 0.2 * Math.sin(t + k * 2)), 0, 3.1);
    }
  }

  function cross(meteor, t) {
    const k = span(t, meteor.at, meteor.at + 1.5 - meteor.far * 0.7);
    if (k <= 0 || k >= 1) return;
    const way2 = view.height * 1.5;
    const x = view.width * meteor.across + way2 * 0.82 * (0.35 - k);
    const y = -view.height * 0.2 + way2 * k;
    const length = view.unit * 84 * meteor.far;
    stamp(ctx, tail(meteor.colour), x - Math.cos(way) * length * 0.5, y - Math.sin(way) * length * 0.5, length, Math.min(1, (1 - k) * 4), way, 0.2);
    stamp(ctx, ember(meteor.colour), x, y, view.unit * 13 * meteor.far);
  }

  function strike(x, y) {
    for (let k = 0; k < 220; k += 1) {
      const angle = -Math.PI * random();
      const p = sparks.next(k % 5 ? ember(TAILS[k % 4]) : twinkle("#ffe9a8"), x, y, 1.2 + random() * 2);
      const speed = view.unit * (20 + random() * 130);
      p.vx = Math.cos(angle) * speed;
      p.vy = Math.sin(angle) * speed;
      p.drag = 0.9;
      p.gravity = view.unit * 40;
      p.size = view.unit * (2 + random() * 5);
      if (k % 5) p.streak = 0.08;
    }
  }

  function burn(x, y, count) {
    for (let k = 0; k < count; k += 1) {
      const p = sparks.next(ember(random() < 0.5 ? "#ffb84d" : "#ff5c8a"), x + (random() - 0.5) * view.unit * 18, y + (random() - 0.5) * view.unit * 18, 0.7 + random() * 0.5);
      p.vx = view.unit * (20 + random() * 20);
      p.vy = -view.unit * (24 + random() * 24);
      p.size = view.unit * (3 + random() * 5);
      p.grow = -view.unit * 3;
    }
  }

  let struck = false;
  return (t, dt) => {
    const { unit, x, height } = view;
    const groundY = height * 0.82;
    const shake = swell(t, STRIKE, STRIKE + 0.05, STRIKE + 0.1, STRIKE + 1.1) * unit * 2.4;
    veil(view, swell(t, 0, 0.9, 8.6, seconds), "#070a2c");
    ctx.save();
    ctx.translate(Math.sin(t * 71) * shake, Math.cos(t * 57) * shake);
    additive(ctx);
    aurora(t, swell(t, 0.2, 1.8, 8, 9.6));
    for (const meteor of shower) cross(meteor, t);
    const k = ease.in(span(t, 3.2, STRIKE)) * 0.55 + span(t, 3.2, STRIKE) * 0.45;
    const heroX = mix(x + height / FALL, x, k);
    const heroY = mix(-unit * 60, groundY - unit * 24, k);
    const size = unit * mix(46, 92, k);
    if (t > 3.2 && t < STRIKE) {
      stamp(ctx, glow("#ff8a4d"), heroX - size * 0.18, heroY + size * 0.25, size * 1.7, 0.7);
      burn(heroX, heroY, due(100, dt, random));
    }
    sparks.draw(ctx, dt);
    normal(ctx);
    if (t > 3.2 && t < STRIKE) stamp(ctx, view.hero, heroX, heroY, size);
    if (t >= STRIKE && !struck) { struck = true; strike(x, groundY); }
    additive(ctx);
    const after = span(t, STRIKE, STRIKE + 1.8);
    if (after > 0) {
      stamp(ctx, glow("#ffb84d"), x, groundY, unit * 240, 1 - after, 0, 0.7);
      stamp(ctx, halo("#ffd9a0"), x, groundY, unit * 330 * ease.out(after), 1 - after, 0, 0.3);
      stamp(ctx, halo("#ff8ac8"), x, groundY, unit * 230 * ease.out(span(t, STRIKE + 0.2, 7.8)), 1 - span(t, STRIKE + 0.2, 7.8), 0, 0.34);
      const shown = ease.back(span(t, STRIKE + 0.3, STRIKE + 1)) * (1 - ease.in(span(t, 8.9, 9.7)));
      stamp(ctx, glow("#ff7a5c"), x, height * 0.46, unit * 130 * shown, 0.6);
      normal(ctx);
      stamp(ctx, view.hero, x, height * 0.46 + Math.sin(t * 2) * unit, unit * 84 * shown, 1, Math.sin(t * TAU * 0.2) * 0.05);
    }
    ctx.restore();
    flash(view, swell(t, STRIKE - 0.05, STRIKE + 0.03, STRIKE + 0.1, STRIKE + 0.7) * 0.75, "#fff0d6");
  };
}
