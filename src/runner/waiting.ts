/** What is held at the exits that are for a vehicle, the dead letter among them. */
import type { Micros } from '../stream/time.ts';
import type { Shard } from './shard.ts';
import type { Waiting } from './wake-watch.ts';

export function waitingFor({ plan, holds }: Shard, vehicle: string): Waiting {
  const own = [...plan.exits, plan.deadLetter]
    .filter((exit) => exit.for.includes(vehicle))
    .flatMap(({ id }) => holds.get(id) ?? []);
  let records = 0;
  let taken = 0;
  for (const hold of own) {
    const { delivered, moved } = hold.counts();
    records += hold.held;
    taken += delivered + moved;
  }
  return {
    records,
    taken,
    oldest: async () => {
      const times = await Promise.all(own.map((hold) => hold.heldSince()));
      const least = Math.min(...times.filter((time): time is Micros => time !== undefined));
      return Number.isFinite(least) ? least : undefined;
    },
  };
}
