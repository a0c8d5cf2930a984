// What the overlay's address asks for: ?size=1&alerts=yes&goal=5000&goal_title=…&leaders=3&sound=yes&quiet_below=10

const MOST_LEADERS = 10;
const MOST_COINS = 1e12;
const LONGEST_TITLE = 80;

/** Read an address's query; whatever can't be right counts as left out. */
export function readSettings(query) {
  const asked = new URLSearchParams(query);
  const whole = (name, most) => {
    const value = Number(asked.get(name));
    return Number.isInteger(value) && value > 0 ? Math.min(value, most) : 0;
  };
  const size = Number(asked.get("size") ?? 1);
  return {
    size: Number.isFinite(size) && size > 0 ? Math.min(3, Math.max(0.5, size)) : 1,
    alerts: asked.get("alerts") !== "no",
    goal: whole("goal", MOST_COINS),
    goalTitle: (asked.get("goal_title") ?? "").slice(0, LONGEST_TITLE),
    leaders: whole("leaders", MOST_LEADERS),
    sound: asked.get("sound") === "yes",
    quietBelow: whole("quiet_below", MOST_COINS),
    ground: asked.get("ground") === "dark" ? "dark" : "",
  };
}
