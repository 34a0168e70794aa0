/** `top`: the first records of an order, of each group, in a window or as they come. */
import assert from 'node:assert';
import { LONG, TIMESTAMP, typeText } from '../stream/schema.ts';
import { keysOf, spanOf } from './aggregate-carry.ts';
import { windowName } from './aggregate-window.ts';
import { lateStream } from './late.ts';
import type { Carry, Operator, OperatorDefinition } from './operator.ts';
import type { StateShape } from './operator-state.ts';
import { type Checked, checkTop, type Spec } from './top-check.ts';
import { keptTypes } from './top-ranking.ts';
import { runningTypes, TopRunning } from './top-running.ts';
import { topSchema } from './top-schema.ts';
import { TopWindows } from './top-windows.ts';
import { describeTop } from './top-words.ts';

export const top: OperatorDefinition<Spec, Checked> = {
  type: 'top',
  summary: 'The first records of an order, in each group.',
  schema: topSchema,
  streams: (name, { late_to: lateTo }) => [name, ...(typeof lateTo === 'string' ? [lateTo] : [])],
  check: checkTop,
  output: ({ input, output, window }) => ({
    schema: output,
    windowed: window.kind !== 'running',
    window: windowName(window, input),
    stateless: false,
    progress: window.kind === 'running' ? 'revisions' : 'watermark',
  }),
  further: ({ input, lateTo }) =>
    new Map(lateTo === undefined ? [] : [[lateTo, lateStream(input)]]),
  // What is kept does not depend on who reads it now: a later reader must find it whole.
  reads: ({ input }) => new Set(input.schema.fields.keys()),
  state: stateOf,
  carry,
  describe: describeTop,
  open(checked, state): Operator {
    const { window } = checked;
    if (state.kind === 'windows') {
      assert(window.kind !== 'running', 'it has windows');
      return new TopWindows(checked, window, state);
    }
    assert(state.kind === 'sessions' && window.kind === 'running', 'it runs without a window');
    return new TopRunning(checked, window.every, state);
  },
};

function stateOf(checked: Checked): StateShape {
  const { window } = checked;
  const types = checked.keys.map(({ expression }) => expression.type);
  if (window.kind === 'running') {
    const columns = runningTypes(checked);
    const gap = window.retention;
    return { kind: 'sessions', keys: types, accumulators: [], columns, gap, updates: true };
  }
  return {
    kind: 'windows',
    keys: window.kind === 'same' ? [...types, TIMESTAMP] : types,
    accumulators: [],
    columns: [...keptTypes(checked), LONG],
    time: window.kind === 'batch' ? 'arrival' : 'event',
  };
}

/** What was forgotten must be what the new one would have forgotten too. */
function carry(before: Checked, after: Checked): Carry {
  const because = becauseOf(before, after);
  return because === undefined ? { kind: 'kept' } : { kind: 'reset', because };
}

function becauseOf(before: Checked, after: Checked): string | undefined {
  if (spanOf(before.window) !== spanOf(after.window))
    return 'its window or retention is another one';
  if (keysOf(before.keys) !== keysOf(after.keys)) return 'it groups by something else';
  if (fieldsOf(before) !== fieldsOf(after)) return 'its records have other fields';
  if (orderOf(before) !== orderOf(after)) return 'other records may be the first ones';
  const more = after.limit > before.limit || (after.keepsTies && !before.keepsTies);
  return more ? 'it did not keep so many records' : undefined;
}

function fieldsOf({ input: { schema, stateless } }: Checked): string {
  const fields = schema.fields.map(({ name, type }) => [name, typeText(type)]);
  return JSON.stringify([fields, stateless]);
}

function orderOf({ order }: Checked): string {
  return JSON.stringify(
    order.map(({ expression: { text, type }, falling, nullsLast }) => {
      return [text, typeText(type), falling, nullsLast];
    }),
  );
}
