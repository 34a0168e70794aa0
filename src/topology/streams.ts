/** Who makes which stream: a lane makes the one of its name, an operator those its definition names. */
import { operators as definitions } from '../operators/index.ts';
import type { OperatorElement, Topology } from './topology.ts';

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
