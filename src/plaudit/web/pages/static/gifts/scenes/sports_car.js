/* A road of neon under a setting sun; the car roars in, burns its tyres, and is gone with two lines of fire. */
import { Particles, TAU, additive, cloud, due, ease, ember, flash, glow, mix, normal, paint, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 9;
export const play = (canvas, options) => perform(canvas, options, { id: "sports_car", seconds, direct });

const sun = () =>
  paint("neon sun", 512, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, 0, size);
    light.addColorStop(0.05, "#ffe96b");
    light.addColorStop(0.5, "#ff7a5c");
    light.addColorStop(0.95, "#d0309a");
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.arc(size / 2, size / 2, size * 0.46, 0, TAU);
    ctx.fill();
    ctx.globalCompositeOperation = "destination-out";
    for (let k = 0; k < 7; k += 1) ctx.fillRect(0, size * (0.5 + k * 0.066), size, 3 + k * 3.2);
  });

const streak = () =>
  paint("streak", 256, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, size, 0);
    light.addColorStop(0, "#ffffff00");
    light.addColorStop(0.5, "#ffd9f0");
    light.addColorStop(1, "#ffffff00");
    ctx.fillStyle = light;
    ctx.fillRect(0, size * 0.47, size, size * 0.06);
  });

function direct(view) {
  const { ctx, random } = view;
  const smoke = new Particles(180);
  const fire = new Particles(300);
  const rush = Array.from({ length: 30 }, () => ({ across: random(), down: random(), far: 0.3 + random() * 0.7, long: 0.4 + random() }));
  const pale = cloud("#ffffff", "#d9c9f5");

  function grid(ground, t, alpha, speed) {
    const { width, height, x, unit } = view;
    ctx.lineWidth = Math.max(1, unit * 0.35);
    ctx.strokeStyle = "#ff5cc8";
    ctx.globalAlpha = alpha * 0.7;
    ctx.beginPath();
    for (let k = -14; k <= 14; k += 1) {
      ctx.moveTo(x + k * unit * 7, ground);
      ctx.lineTo(x + k * unit * 62, height);
    }
    for (let k = 0; k < 12; k += 1) {
      const deep = ((k + t * speed) % 12) / 12;
      const y = ground + (height - ground) * deep ** 2.2;
      ctx.moveTo(0, y);
      ctx.lineTo(width, y);
    }
    ctx.stroke();
  }

  function lines(t, alpha) {
    for (const one of rush) {
      const x = view.width * (1.3 - ((one.across + t * one.far * 2.4) % 1) * 1.6);
      stamp(ctx, streak(), x, view.height * (0.12 + one.down * 0.8), view.unit * 70 * one.long, alpha * one.far, 0, 0.5 * one.far);
    }
  }

  function burn(x, y, count) {
    for (let k = 0; k < count; k += 1) {
      const p = smoke.next(pale, x, y, 1.1 + random() * 0.6);
      p.vx = -view.unit * (26 + random() * 50);
      p.vy = -view.unit * (4 + random() * 16);
      p.size = view.unit * 8;
      p.grow = view.unit * 26;
      p.alpha = 0.5;
      p.drag = 0.8;
      p.spin = random() - 0.5;
      p.angle = random() * TAU;
    }
  }

  function blaze(x, y, count) {
    for (let k = 0; k < count; k += 1) {
      const p = fire.next(ember(random() < 0.5 ? "#ffb02e" : "#ff4d6a"), x + random() * view.unit * 10, y + (random() - 0.5) * view.unit * 4, 0.7 + random() * 0.8);
      p.vy = -view.unit * (6 + random() * 30);
      p.vx = (random() - 0.7) * view.unit * 24;
      p.size = view.unit * (4 + random() * 7);
      p.grow = -view.unit * 4;
    }
  }

  return (t, dt) => {
    const { unit, x, width, height } = view;
    const show = swell(t, 0, 1, 7.8, seconds);
    const ground = height * 0.6;
    const size = Math.min(unit * 104, width * 0.94);
    const come = ease.out(span(t, 1, 2.5));
    const gone = ease.in(span(t, 6.3, 7.3));
    const carX = mix(-size, x, come) + gone * (width + size) - swell(t, 5.3, 6.1, 6.2, 6.6) * unit * 7;
    const idle = Math.sin(t * 46) * unit * 0.3 * swell(t, 3, 5.6, 6.2, 6.6);
    const carY = ground + unit * 24 + idle;
    const wheels = carY + size * 0.31;
    veil(view, show, "#16082e");
    additive(ctx);
    stamp(ctx, glow("#ff5c8a"), x, ground, unit * 260, 0.6 * show);
    normal(ctx);
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, 0, width, ground);
    ctx.clip();
    stamp(ctx, sun(), x, mix(ground + unit * 50, ground - unit * 18, ease.out(span(t, 0.2, 1.6))) + ease.in(span(t, 7.2, 8.6)) * unit * 90, unit * 96, show);
    ctx.restore();
    additive(ctx);
    grid(ground, t, show, 3 + 9 * (1 - come) + 12 * gone);
    lines(t, Math.max(1 - span(t, 2, 3), swell(t, 5.8, 6.4, 7, 8)) * show * 0.8);
    normal(ctx);
    if (t > 5 && t < 6.5) burn(carX - size * 0.27, wheels - unit * 3, due(60, dt, random));
    if (t > 1.9 && t < 2.5) burn(carX - size * 0.27, wheels - unit * 3, due(40, dt, random));
    smoke.draw(ctx, dt);
    additive(ctx);
    if (t > 6.3 && t < 7.4) blaze(Math.min(carX - size * 0.3, width), wheels, due(240, dt, random));
    stamp(ctx, glow("#ff3d6a"), carX, wheels, size * 1.4, 0.55 * show, 0, 0.2);
    normal(ctx);
    ctx.save();
    ctx.translate(carX, wheels);
    ctx.scale(1, -0.5);
    stamp(ctx, view.hero, 0, -size * 0.31, size, 0.16);
    ctx.restore();
    stamp(ctx, view.hero, carX, carY, size, 1, -0.05 * swell(t, 6.1, 6.4, 6.8, 7.2) + 0.03 * swell(t, 2, 2.4, 2.5, 3));
    additive(ctx);
    const lit = swell(t, 2.9, 3.05, 7.4, 7.5) * (0.7 + 0.3 * Math.sign(Math.sin(t * 9)) * span(t, 3, 3.1) * (1 - span(t, 4.2, 4.3)));
    stamp(ctx, glow("#fff3c4"), carX + size * 0.9, carY + size * 0.12, size * 1.3, lit * 0.8, 0.05, 0.32);
    stamp(ctx, ember("#fff3c4"), carX + size * 0.4, carY + size * 0.1, unit * 16, lit);
    const shine = span(t, 3.3, 4.6);
    stamp(ctx, twinkle("#ffffff"), carX + mix(-0.3, 0.3, shine) * size, carY - size * 0.06, unit * 34 * Math.sin(shine * Math.PI), Math.sin(shine * Math.PI), t);
    fire.draw(ctx, dt);
    flash(view, swell(t, 6.35, 6.45, 6.45, 6.9) * 0.35, "#ffd9c0");
  };
}
