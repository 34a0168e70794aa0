/**
 * The fields of a lane guessed from a sample of NDJSON: what was seen under each key, and the narrowest type that
 * takes all of it. What no type fits is left out, with the reason.
 */
import type { DataType } from '../stream/schema.ts';
import type { TimestampFormat } from './codec.ts';
import {
  eventTimeOf,
  firstThatFits,
  type Guess,
  goodLines,
  type Inferred,
  type InferredField,
  isName,
  sampleOf,
  unitOf,
} from './infer-sample.ts';
import { createNdjsonDecoder } from './ndjson.ts';
import { Sighting } from './sighting.ts';

/** @param bytes whole lines, each ended by LF */
export function inferFields(bytes: Uint8Array): Inferred {
  const { lines, bad } = goodLines(sampleOf(bytes, (fields) => createNdjsonDecoder(fields)));
  const root = new Sighting();
  const decoder = new TextDecoder();
  for (let i = 0; i < lines.count; i++) {
    root.see(JSON.parse(decoder.decode(bytes.subarray(lines.starts[i], lines.ends[i]))));
  }
  const fields: InferredField[] = [];
  const leftOut: { name: string; why: string }[] = [];
  for (const [name, seen] of root.children) {
    const found = isName(name) ? firstThatFits(guesses(name, seen), lines) : undefined;
    if (found !== undefined) fields.push({ ...found, absent: lines.count - seen.present });
    else leftOut.push({ name, why: isName(name) ? seen.trouble() : 'no field can have this name' });
  }
  return {
    codec: 'ndjson',
    records: lines.count,
    bad,
    fields,
    leftOut,
    eventTime: eventTimeOf(fields, lines),
  };
}

function guesses(name: string, seen: Sighting): readonly Guess[] {
  const type = seen.type();
  if (type === undefined) return [];
  const guess = (one: DataType, format: TimestampFormat = 'iso8601'): Guess => ({
    name,
    type: one,
    format,
  });
  const time: DataType = { kind: 'timestamp' };
  if (type.kind === 'string') return [guess(time), guess(type)];
  if (type.kind !== 'long' && type.kind !== 'double') return [guess(type)];
  const unit = unitOf(name, seen);
  return [
    ...(unit === undefined ? [] : [guess(time, unit)]),
    ...(type.kind === 'long' ? [guess(type)] : []),
    guess({ kind: 'double' }),
  ];
}
