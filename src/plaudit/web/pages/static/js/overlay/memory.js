// What an overlay has shown of a live, kept by the browser: a refresh repeats nothing and loses nothing.
//
// `last` is the number of the last event that came; `waiting` are those up to it that weren't shown yet.

const PREFIX = "plaudit-overlay";

/** The memory of one overlay for one live. Overlays that show something else have one of their own. */
export function openMemory(overlay, live) {
  const mine = `${PREFIX}:${overlay}:`;
  const key = `${mine}${live}:${location.search}`;
  const known = read(key);
  const waiting = new Set(known?.waiting ?? []);
  let last = known?.last ?? null;

  for (const old of Object.keys(localStorage)) if (old.startsWith(mine) && !old.startsWith(`${mine}${live}:`)) localStorage.removeItem(old);

  const store = () => localStorage.setItem(key, JSON.stringify({ last, waiting: [...waiting] }));

  return {
    /** From which event on to ask; null when nothing is remembered. */
    get after() {
      return waiting.size ? Math.min(...waiting) - 1 : last;
    },
    /** Everything up to here is past, and needn't be shown. */
    begin(seq) {
      last = seq;
      waiting.clear();
      store();
    },
    /** Whether an event that comes still has to be shown; from now on it is remembered. */
    isNew(seq) {
      if (seq <= last) return waiting.has(seq);
      last = seq;
      waiting.add(seq);
      store();
      return true;
    },
    /** These were shown, or are not to be. */
    done(seqs) {
      for (const seq of seqs) waiting.delete(seq);
      store();
    },
    /** An event that isn't an alert came. */
    pass(seq) {
      if (seq <= last) return;
      last = seq;
      store();
    },
  };
}

function read(key) {
  try {
    const known = JSON.parse(localStorage.getItem(key));
    return Number.isInteger(known?.last) && Array.isArray(known.waiting) ? known : null;
  } catch {
    return null;
  }
}
