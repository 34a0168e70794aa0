/** Which ways through a topology no test has sent a record along. */
import type { Plan } from '../topology/plan.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** @param carried the streams that have carried a record in any test @returns in order of the plan */
export function notCovered(plan: Plan, carried: ReadonlySet<string>): readonly Edge[] {
  return [...plan.consumers].flatMap(([from, readers]) =>
    carried.has(from)
      ? []
      : readers.map(({ kind, index }) => ({
          from,
          to: kind === 'stage' ? plan.stages[index].name : plan.exits[index].name,
        })),
  );
}
