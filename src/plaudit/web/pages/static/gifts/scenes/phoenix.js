/* Ash draws together and burns; a phoenix stands up from it, beats its wings, circles, and leaves feathers. */
import { Particles, TAU, additive, beams, due, ease, ember, flash, glow, halo, mix, normal, paint, perform, span, stamp, swell, veil } from "./stagecraft.js";

export const seconds = 12;
export const play = (canvas, options) => perform(canvas, options, { id: "phoenix", seconds, direct });

const FIRE = ["#fff0a8", "#ffb02e", "#ff7a3d", "#ff3d5c", "#c0206a"];
const BIRTH = 3;

const feather = () =>
  paint("feather", 96, (ctx, size) => {
    const light = ctx.createLinearGradient(0, 0, size, 0);
    light.addColorStop(0, "#c0105c");
    light.addColorStop(0.5, "#ff7a3d");
    light.addColorStop(1, "#fff3a0");
    ctx.fillStyle = light;
    ctx.beginPath();
    ctx.moveTo(size * 0.04, size * 0.5);
    ctx.bezierCurveTo(size * 0.3, size * 0.22, size * 0.75, size * 0.26, size * 0.96, size * 0.5);
    ctx.bezierCurveTo(size * 0.75, size * 0.74, size * 0.3, size * 0.78, size * 0.04, size * 0.5);
    ctx.fill();
    ctx.strokeStyle = "#fff6d0";
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(0, size / 2);
    ctx.lineTo(size * 0.9, size / 2);
    ctx.stroke();
  });

function direct(view) {
  const { ctx, random } = view;
  const fire = new Particles(760);
  const feathers = new Particles(70);

  function gather(count, baseY) {
    for (let k = 0; k < count; k += 1) {
      const angle = random() * TAU;
      const far = view.unit * (50 + random() * 50);
      const p = fire.next(ember(FIRE[Math.floor(random() * 5)]), view.x + Math.cos(angle) * far, baseY + Math.sin(angle) * far * 0.6, 1.3);
      p.vx = -Math.cos(angle) * far * 0.75 - Math.sin(angle) * view.unit * 34;
      p.vy = -Math.sin(angle) * far * 0.45 + Math.cos(angle) * view.unit * 20;
      p.size = view.unit * (1.6 + random() * 3);
    }
  }

  function flames(x, y, wide, count, power) {
    for (let k = 0; k < count; k += 1) {
      const p = fire.next(ember(FIRE[1 + Math.floor(random() * 3)]), x + (random() - 0.5) * view.unit * wide, y, 0.6 + random() * 0.8);
      p.vy = -view.unit * power * (0.4 + random() * 0.8);
      p.vx = (random() - 0.5) * view.unit * 14;
      p.size = view.unit * (6 + random() * 12);
      p.grow = -view.unit * 7;
      p.alpha = 0.75;
    }
  }

  function shed(x, y, count) {
    for (let k = 0; k < count; k += 1) {
      const p = feathers.next(feather(), x + (random() - 0.5) * view.unit * 80, y + (random() - 0.5) * view.unit * 30, 3.4);
      p.vx = (random() - 0.5) * view.unit * 40;
      p.vy = view.unit * (8 + random() * 16);
      p.drag = 0.4;
      p.angle = random() * TAU;
      p.spin = (random() - 0.5) * 2.6;
      p.size = view.unit * (7 + random() * 8);
      p.tumble = 1.2 + random() * 2;
    }
  }

  /** The picture in two halves, turned about the shoulders: a wing beat. `beat` is from -1 (down) to 1 (up). */
  function bird(x, y, size, beat, lean, alpha) {
    const half = view.hero.width / 2;
    ctx.globalAlpha = alpha;
    for (const side of [-1, 1]) {
      ctx.save();
      ctx.translate(x, y);
      ctx.rotate(lean);
      ctx.transform(1 - Math.abs(beat) * 0.1, -side * beat * 0.3, 0, 1, 0, 0);
      ctx.drawImage(view.hero, side < 0 ? 0 : half, 0, half, half * 2, side < 0 ? -size / 2 : -0.5, -size / 2, size / 2 + 0.5, size);
      ctx.restore();
    }
  }

  let born = false;
  return (t, dt) => {
    const { unit, x, y, width, height } = view;
    const dark = swell(t, 0, 1, 10.4, seconds);
    const baseY = height * 0.8;
    const rise = ease.both(span(t, BIRTH, 5));
    const circle = ease.both(span(t, 6.8, 9.2));
    const away = ease.in(span(t, 9.6, 11.2));
    const turn = circle * TAU;
    const birdX = x + Math.sin(turn) * Math.min(width * 0.26, unit * 60);
    const birdY = mix(mix(baseY, y * 0.94, rise) + (1 - Math.cos(turn)) * unit * 9, -unit * 90, away);
    const beat = Math.sin(t * (4.4 + away * 6)) * (0.3 + 0.7 * span(t, 4.4, 5.2));
    const size = unit * (100 - 24 * Math.sin(circle * Math.PI)) * mix(0.3, 1, ease.back(span(t, BIRTH, 4.6)));
    const climax = swell(t, 5.1, 5.4, 5.8, 7);
    veil(view, dark, "#24061a");
    additive(ctx);
    stamp(ctx, glow("#ff5c2e"), x, baseY, unit * 210, dark * (0.35 + 0.25 * span(t, 1, BIRTH)), 0, 0.8);
    if (t > 0.3 && t < BIRTH - 0.2) gather(due(150, dt, random), baseY);
    if (t > 1 && t < 5.4) flames(x, baseY + unit * 10, mix(16, 34, span(t, 1.4, 3)), due(mix(30, 130, span(t, 1, 3)), dt, random), mix(30, 110, span(t, 2, 3.2)));
    stamp(ctx, glow("#fff0b0"), x, baseY, unit * mix(10, 66, span(t, 0.6, BIRTH)), swell(t, 0.6, 2, 3.2, 4.4));
    stamp(ctx, beams("#ffb84d", 16), birdX, birdY, unit * (150 + climax * 130), rise * (1 - away) * (0.45 + climax * 0.5), t * 0.16);
    stamp(ctx, glow("#ff8a3d"), birdX, birdY, size * 1.8, 0.6 * rise);
    if (t > 4.4 && t < 11) flames(birdX + (random() - 0.5) * size * 0.6, birdY + size * 0.2, 40, due(46, dt, random), -30);
    fire.draw(ctx, dt);
    normal(ctx);
    if (t > BIRTH) bird(birdX, birdY - beat * unit * 2.4, size, beat, -Math.cos(turn) * 0.14 * Math.sin(circle * Math.PI) * 2, span(t, BIRTH, BIRTH + 0.7));
    additive(ctx);
    if (t > 5.2 && !born) {
      born = true;
      shed(birdX, birdY, 26);
    }
    if (t > 6.8 && t < 10.4) shed(birdX, birdY, due(7, dt, random));
    stamp(ctx, halo("#ffd27a"), x, y, unit * 300 * ease.out(span(t, 5.2, 6.8)), 1 - span(t, 5.2, 6.8));
    stamp(ctx, halo("#ff6a4d"), x, y, unit * 220 * ease.out(span(t, 5.4, 7.2)), 1 - span(t, 5.4, 7.2));
    normal(ctx);
    feathers.draw(ctx, dt);
    flash(view, swell(t, BIRTH - 0.1, BIRTH + 0.05, BIRTH + 0.1, BIRTH + 0.8) * 0.5, "#ffe0a0");
    flash(view, swell(t, 5.1, 5.22, 5.25, 5.9) * 0.45, "#fff0c0");
  };
}
