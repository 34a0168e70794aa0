/** Tells a person of lines that were rejected, without repeating what a vehicle repeats. */
import type { Notify } from '../stream/port.ts';

/** Tells of a lane's first rejected line, then of every tenfold: a flood must not flood the terminal too. */
export function badLines(
  notify: Notify,
): (lane: string, bad: { reason: string; detail: string }) => void {
  const counts = new Map<string, number>();
  return (lane, { reason, detail }) => {
    const count = (counts.get(lane) ?? 0) + 1;
    counts.set(lane, count);
    if (!/^10*$/.test(String(count))) return;
    const which = count === 1 ? 'a line was rejected' : `${count} lines were rejected, the last`;
    notify({ level: 'warning', about: `lane ${lane}`, text: `${which}: ${reason}, ${detail}` });
  };
}
