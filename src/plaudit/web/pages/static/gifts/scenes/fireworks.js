/* Rockets climb and open: peonies, rings, hearts and willows, and a finale of all at once around the gift. */
import { Particles, TAU, additive, ease, ember, flash, glow, mix, normal, perform, span, stamp, swell, twinkle, veil } from "./stagecraft.js";

export const seconds = 10;
export const play = (canvas, options) => perform(canvas, options, { id: "fireworks", seconds, direct });

const COLOURS = ["#ff4d8d", "#ffb02e", "#3fb8ff", "#9b6bff", "#2fd6a3", "#ff7ad0"];
// When each rocket starts, and where it opens as parts of width and height; the last eight are the finale.
const ROCKETS = [
  [0.1, 0.3, 0.34, "peony"], [0.7, 0.72, 0.26, "ring"], [1.5, 0.5, 0.2, "willow"], [2.3, 0.24, 0.22, "heart"], [2.9, 0.78, 0.42, "peony"],
  [3.6, 0.5, 0.3, "heart"], [4.3, 0.22, 0.46, "ring"], [4.7, 0.8, 0.2, "willow"],
  [5.5, 0.5, 0.38, "peony"], [5.6, 0.16, 0.24, "peony"], [5.7, 0.84, 0.26, "ring"], [6.0, 0.3, 0.16, "willow"], [6.1, 0.7, 0.15, "willow"],
  [6.4, 0.5, 0.55, "heart"], [6.6, 0.14, 0.5, "peony"], [6.7, 0.86, 0.52, "peony"],
];
const CLIMB = 0.9;

function aim(shape, k, count, random, out) {
  const angle = (k / count) * TAU;
  if (shape === "heart") {
    out.x = Math.sin(angle) ** 3;
    out.y = -(13 * Math.cos(angle) - 5 * Math.cos(2 * angle) - 2 * Math.cos(3 * angle) - Math.cos(4 * angle)) / 16;
    return;
  }
  const power = shape === "ring" ? 1 : Math.sqrt(random());
  out.x = Math.cos(angle) * power;
  out.y = Math.sin(angle) * power * (shape === "ring" ? 0.55 : 1);
}

function direct(view) {
  const { ctx, random } = view;
  const sparks = new Particles(1100);
  const trails = new Particles(140);
  const rockets = ROCKETS.map(([at, across, down, shape], k) => ({ at, across, down, shape, colour: k % COLOURS.length, opened: false }));
  const aimed = { x: 0, y: 0 };

  function open(rocket, x, y) {
    const count = rocket.shape === "peony" ? 96 : 68;
    for (let k = 0; k < count; k += 1) {
      aim(rocket.shape, k, count, random, aimed);
      const second = rocket.shape === "peony" && k % 3 === 0;
      const p = sparks.next(ember(COLOURS[(rocket.colour + (second ? 1 : 0)) % COLOURS.length]), x, y, (rocket.shape === "willow" ? 2.2 : 1.4) + random() * 0.5);
      const speed = view.unit * (rocket.shape === "willow" ? 70 : 105);
      p.vx = aimed.x * speed;
      p.vy = aimed.y * speed;
      p.drag = 1.9;
      p.gravity = view.unit * (rocket.shape === "willow" ? 34 : 16);
      p.size = view.unit * (2.8 + random() * 2.4);
      p.grow = -view.unit * 0.8;
      p.streak = 0.1;
    }
    for (let k = 0; k < 12; k += 1) {
      const p = sparks.next(twinkle("#fff3c4"), x + (random() - 0.5) * view.unit * 44, y + (random() - 0.5) * view.unit * 44, 0.7 + random() * 1.2);
      p.size = view.unit * (2 + random() * 4);
      p.gravity = view.unit * 8;
    }
  }

  function fly(rocket, t) {
    const climbed = span(t, rocket.at, rocket.at + CLIMB);
    if (climbed <= 0) return;
    const x = view.width * rocket.across;
    const y = mix(view.height * 1.05, view.height * rocket.down, ease.out(climbed));
    if (climbed < 1) {
      stamp(ctx, ember(COLOURS[rocket.colour]), x, y, view.unit * 5);
      const p = trails.next(ember("#ffd9a0"), x + (random() - 0.5) * 3, y, 0.45);
      p.vy = view.unit * 14;
      p.size = view.unit * 2.4;
    } else if (!rocket.opened) {
      rocket.opened = true;
      open(rocket, x, y);
    }
    const shine = 1 - span(t, rocket.at + CLIMB, rocket.at + CLIMB + 0.6);
    if (climbed === 1) stamp(ctx, glow(COLOURS[rocket.colour]), x, y, view.unit * 120, shine);
  }

  return (t, dt) => {
    veil(view, swell(t, 0, 0.6, 8.8, seconds) * 0.9, "#08061f");
    additive(ctx);
    for (const rocket of rockets) fly(rocket, t);
    trails.draw(ctx, dt);
    sparks.draw(ctx, dt);
    const shown = span(t, 6.5, 7.2);
    const size = view.unit * 66 * ease.back(shown) * (1 - ease.in(span(t, 9.2, 9.9)));
    stamp(ctx, glow("#ffb84d"), view.x, view.y, size * 2.2, 0.5 * shown);
    normal(ctx);
    stamp(ctx, view.hero, view.x, view.y, size, shown, Math.sin(t * 2) * 0.05);
    flash(view, swell(t, 6.4, 6.5, 6.5, 7) * 0.35, "#fff0d0");
  };
}
