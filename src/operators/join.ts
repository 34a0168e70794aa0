/**
 * `join`: pairs of records of two streams that have the same key. By what else they are paired is its form, and each
 * form has a file of its own; here is what all of them share: what is read, what leaves and where, what outlives an edit.
 */
import assert from 'node:assert';
import { sameType, TIMESTAMP } from '../stream/schema.ts';
import { JoinArrival } from './join-arrival.ts';
import { type Checked, checkJoin, lateNames, outputSchema, type Spec } from './join-check.ts';
import { JoinEventTime } from './join-event-time.ts';
import { JoinPerLeft } from './join-per-left.ts';
import { joinSchema } from './join-schema.ts';
import { inputOf, keptAsText, keptSides, keysOf, LEFT, neededFields, RIGHT } from './join-sides.ts';
import { JoinWithin } from './join-within.ts';
import { describeJoin } from './join-words.ts';
import { lateReads, lateStream } from './late.ts';
import type { Carry, InputStream, Operator, OperatorDefinition, OutputStream } from './operator.ts';
import type { State } from './operator-state.ts';

export const join: OperatorDefinition<Spec, Checked> = {
  type: 'join',
  summary: 'Pairs of records of two streams.',
  inputs: 'pair',
  schema: joinSchema,
  streams(name, spec) {
    const further = [spec.unmatched_to, ...lateNames(spec)];
    return [...new Set([name, ...further.filter((one) => typeof one === 'string')])];
  },
  timedBy: ({ as_of: asOf }) => (asOf === 'arrival' ? [LEFT] : undefined),
  check: checkJoin,
  output: (checked) => ({
    schema: outputSchema(checked),
    windowed: checked.windowed,
    window: checked.windowed ? checked.left.window : undefined,
    stateless: false,
    progress: checked.form.by === 'forever' ? 'none' : 'watermark',
  }),
  further({ left, right, windowed, unmatchedTo, lateTo }) {
    const streams = new Map<string, OutputStream>();
    lateTo.forEach((name, side) => {
      if (name !== undefined) streams.set(name, lateStream(side === LEFT ? left : right));
    });
    if (lateTo[LEFT] !== undefined && lateTo[LEFT] === lateTo[RIGHT]) {
      streams.set(lateTo[LEFT], lateStream(eitherOf(left, right)));
    }
    if (unmatchedTo !== undefined) {
      const { schema, window } = left;
      streams.set(unmatchedTo, {
        schema,
        windowed,
        window: windowed ? window : undefined,
        stateless: false,
        progress: 'watermark',
      });
    }
    return streams;
  },
  // What is kept does not depend on who reads it now: a later reader must find it whole.
  reads(checked, _, input, further) {
    const late = lateReads(inputOf(checked, input), further.get(checked.lateTo[input] ?? ''));
    return new Set([...neededFields(checked, input), ...late]);
  },
  state: (checked) => ({
    kind: 'rows',
    keys: [...checked.keys.map(({ type }) => type), ...(checked.windowed ? [TIMESTAMP] : [])],
    sides: keptSides(checked),
  }),
  carry,
  describe: describeJoin,
  open,
};

/** What is known of records that are of one or the other of two streams with the same fields. */
function eitherOf(left: InputStream, right: InputStream): InputStream {
  const fields = left.schema.fields.map((field, i) => ({
    ...field,
    nullable: field.nullable || right.schema.fields[i].nullable,
  }));
  const windowed = left.windowed && right.windowed;
  return { ...left, schema: { fields }, windowed, stateless: left.stateless && right.stateless };
}

function open(checked: Checked, state: State): Operator {
  assert(state.kind === 'rows', 'a join keeps rows');
  const { form } = checked;
  switch (form.by) {
    case 'arrival':
      return new JoinArrival(checked, form.retention, state);
    case 'event_time':
      return new JoinEventTime(checked, form.retention, state);
    case 'left':
      return new JoinPerLeft(checked, form, state);
    default:
      return new JoinWithin(checked, state);
  }
}

/** What is kept must be what the new join would have kept. */
function carry(before: Checked, after: Checked): Carry {
  const keyNames = (checked: Checked): string =>
    JSON.stringify([LEFT, RIGHT].map((side) => namesOf(checked, side, keysOf(checked, side))));
  const sameKeys =
    keyNames(before) === keyNames(after) &&
    before.keys.every(({ type }, i) => sameType(type, after.keys[i].type));
  if (!sameKeys) return { kind: 'reset', because: 'its records were kept by another key' };
  const way = ({ form }: Checked): string => (form.by === 'forever' ? 'within' : form.by);
  if (way(before) !== way(after)) {
    return { kind: 'reset', because: 'its records were kept to be paired in another way' };
  }
  if (keptAsText(before) !== keptAsText(after)) {
    return { kind: 'reset', because: 'it needs fields of records that were not kept' };
  }
  const [was, is] = [before, after].map((checked) =>
    JSON.stringify(keptSides(checked).map(({ expires }) => expires)),
  );
  if (was !== is) {
    return { kind: 'reset', because: 'it was not noted which records had a partner' };
  }
  return { kind: 'kept' };
}

function namesOf(checked: Checked, side: number, fields: readonly number[]): readonly string[] {
  return fields.map((field) => inputOf(checked, side).schema.fields[field].name);
}
