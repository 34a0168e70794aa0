/**
 * Who makes which stream: a lane makes the one of its name, and may make one of its late records; an operator makes
 * those that its definition names.
 */
import { operators as definitions } from '../operators/index.ts';
import { lateStream } from '../operators/late.ts';
import type { InputStream } from '../operators/operator.ts';
import type { Schema } from '../stream/schema.ts';
import type { Lane, OperatorElement, Topology } from './topology.ts';

/** A lane, of a topology or of a plan, as far as its streams go. */
interface StreamingLane {
  readonly name: string;
  readonly lateTo: string | null;
}

/** Every stream a lane makes, the one of its own name first. */
export function laneStreamNames({ name, lateTo }: StreamingLane): readonly string[] {
  return lateTo === null ? [name] : [name, lateTo];
}

/** The same streams, with what is known of them. */
export function laneStreams(
  lane: StreamingLane & { readonly schema: Schema },
): readonly [InputStream, ...InputStream[]] {
  const { name, schema, lateTo } = lane;
  const own: InputStream = {
    name,
    schema,
    windowed: false,
    stateless: true,
    progress: 'watermark',
  };
  return lateTo === null ? [own] : [own, { ...lateStream(own), name: lateTo }];
}

/** Lanes by the streams they make. */
export function lanesByStream({ lanes }: Topology): ReadonlyMap<string, Lane> {
  const further = [...lanes.values()].flatMap((lane) =>
    laneStreamNames(lane).map((stream) => [stream, lane] as const),
  );
  // What is both the name of a lane and of a stream of another one is the lane.
  return new Map([...further, ...lanes]);
}

/** Every stream an operator makes, the one of its own name (if it makes that) first. */
export function streamsOf({ name, type, spec }: OperatorElement): readonly string[] {
  const definition = definitions.find((one) => one.type === type);
  // The spec is as the author wrote it; `streams` expects nothing else.
  return definition?.streams?.(name, Object.fromEntries(spec) as never) ?? [name];
}

/** The streams it reads whose time it goes by. */
export function timedBy({ type, from, spec }: OperatorElement): readonly string[] {
  const definition = definitions.find((one) => one.type === type);
  const inputs = definition?.timedBy?.(Object.fromEntries(spec) as never);
  return inputs === undefined ? from : from.filter((_, input) => inputs.includes(input));
}

/** Operators by the streams they make. Of two makers of one stream the first by name counts. */
export function makersOf({ operators }: Topology): ReadonlyMap<string, OperatorElement> {
  const makers = new Map<string, OperatorElement>();
  for (const operator of operators.values()) {
    for (const stream of streamsOf(operator)) {
      if (!makers.has(stream)) makers.set(stream, operator);
    }
  }
  return makers;
}
