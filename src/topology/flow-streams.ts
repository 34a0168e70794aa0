/** Every stream of a plan with what is known of it: of lanes first, then of stages, in the order they are made. */
import type { InputStream } from '../operators/operator.ts';
import type { Plan } from './plan.ts';
import { laneStreams } from './streams.ts';

export type FlowStream = InputStream;

export function flowStreams({ lanes, stages }: Plan): readonly FlowStream[] {
  return [
    ...lanes.flatMap(laneStreams),
    ...stages.flatMap(({ definition, checked, streams }) => {
      // Only the definition knows the type of what its own check made.
      const output = definition.output(checked as never);
      const further = definition.further?.(checked as never);
      return streams.map((name) => ({ ...(further?.get(name) ?? output), name }));
    }),
  ];
}
