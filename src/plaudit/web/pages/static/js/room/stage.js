// The stage: the creator's video, and where there is none a light that breathes and answers to gifts.

const FRAME_MS = 1000 / 30;
const BEAMS = 5;

/** Show the live's video when it has one. Gives `{isVideo}`; sound starts off, as browsers want it. */
export async function showVideo(video, playback, base) {
  if (!playback) return false;
  try {
    await (playback.kind === "whep" ? watchWhep(video, playback.url) : watchHls(video, playback.url, base));
  } catch {
    return false;
  }
  video.hidden = false;
  return true;
}

async function watchHls(video, address, base) {
  if (video.canPlayType("application/vnd.apple.mpegurl")) {
    video.src = address;
    return;
  }
  const { default: Hls } = await import(`${base}vendor/hls.mjs`);
  if (!Hls.isSupported()) throw new Error("no media source");
  const hls = new Hls({ lowLatencyMode: true });
  await new Promise((resolve, reject) => {
    hls.on(Hls.Events.MANIFEST_PARSED, resolve);
    hls.on(Hls.Events.ERROR, (_, problem) => problem.fatal && reject(new Error(problem.details)));
    hls.loadSource(address);
    hls.attachMedia(video);
  });
}

// WebRTC-HTTP egress: we offer to receive, the server answers.
async function watchWhep(video, address) {
  const peer = new RTCPeerConnection();
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  const stream = new MediaStream();
  peer.addEventListener("track", (event) => stream.addTrack(event.track));
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: peer.localDescription.sdp,
  });
  if (!answer.ok) throw new Error(answer.statusText);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  video.srcObject = stream;
}

/** The light of a stage without a video: `cheer(coins)` makes it swell. */
export function lightStage(canvas, seed) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const context = canvas.getContext("2d");
  const hue = seed % 360;
  let joy = 0;
  let last = 0;
  let width = 0;
  let height = 0;

  // A quarter of the pixels: it is all blur anyway.
  const fit = () => {
    width = canvas.width = Math.max(1, Math.round(canvas.clientWidth / 4));
    height = canvas.height = Math.max(1, Math.round(canvas.clientHeight / 4));
    draw(performance.now());
  };

  const draw = (now) => {
    const t = now / 1000;
    context.globalCompositeOperation = "source-over";
    const ground = context.createRadialGradient(width / 2, height * 0.42, 0, width / 2, height / 2, height * 0.8);
    ground.addColorStop(0, `hsl(${hue} 62% ${20 + joy * 16}%)`);
    ground.addColorStop(0.55, `hsl(${(hue + 40) % 360} 58% 11%)`);
    ground.addColorStop(1, "hsl(262 40% 5%)");
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "lighter";
    for (let beam = 0; beam < BEAMS; beam += 1) drawBeam(beam, t);
  };

  const drawBeam = (beam, t) => {
    const from = ((beam + 0.5) / BEAMS) * width;
    const sway = Math.sin(t * (0.23 + beam * 0.05) + beam * 1.9);
    const to = width / 2 + sway * width * 0.42;
    const spread = width * (0.1 + joy * 0.06);
    const light = context.createLinearGradient(from, 0, to, height);
    const tone = (hue + beam * 26) % 360;
    light.addColorStop(0, `hsl(${tone} 90% 70% / ${0.2 + joy * 0.3})`);
    light.addColorStop(0.75, `hsl(${tone} 90% 60% / 0)`);
    context.fillStyle = light;
    context.beginPath();
    context.moveTo(from - 2, 0);
    context.lineTo(from + 2, 0);
    context.lineTo(to + spread, height);
    context.lineTo(to - spread, height);
    context.fill();
  };

  const frame = (now) => {
    if (now - last >= FRAME_MS) {
      joy *= 0.965;
      last = now;
      draw(now);
    }
    if (!document.hidden) requestAnimationFrame(frame);
  };

  new ResizeObserver(fit).observe(canvas);
  if (!calm.matches) {
    requestAnimationFrame(frame);
    document.addEventListener("visibilitychange", () => !document.hidden && requestAnimationFrame(frame));
  }
  return { cheer: (coins) => (joy = Math.min(1, joy + 0.08 + Math.log10(coins + 1) / 6)) };
}
