/** `aggregate`: counts, sums and compares the records of a window and group, or of a group as it runs. */
import assert from 'node:assert';
import { TIMESTAMP } from '../stream/schema.ts';
import { kindsOf } from './aggregate-calls.ts';
import { carryAggregate } from './aggregate-carry.ts';
import { type Checked, checkAggregate, readByCalls, type Spec } from './aggregate-check.ts';
import { AggregateRunning } from './aggregate-running.ts';
import { aggregateSchema } from './aggregate-schema.ts';
import { AggregateSession } from './aggregate-session.ts';
import { windowName } from './aggregate-window.ts';
import { AggregateWindows } from './aggregate-windows.ts';
import { describeAggregate } from './aggregate-words.ts';
import { lateReads, lateStream } from './late.ts';
import type { Operator, OperatorDefinition } from './operator.ts';
import type { State, StateShape } from './operator-state.ts';
import { readsOf } from './spec.ts';

export const aggregate: OperatorDefinition<Spec, Checked> = {
  type: 'aggregate',
  summary: 'Counts, sums and compares records by window and group.',
  schema: aggregateSchema,
  streams: (name, { late_to: lateTo }) => [name, ...(typeof lateTo === 'string' ? [lateTo] : [])],
  check: checkAggregate,
  output: ({ output, window, input }) => ({
    schema: output,
    windowed: window.kind !== 'running',
    window: windowName(window, input),
    stateless: false,
    progress: window.kind === 'running' ? 'revisions' : 'watermark',
  }),
  further: ({ input, lateTo }) =>
    new Map(lateTo === undefined ? [] : [[lateTo, lateStream(input)]]),
  reads({ input, keys, calls, window, lateTo }, _, __, further) {
    // A record that is rejected is shown with all that it had.
    if (window.kind === 'running' && Number.isFinite(window.most)) {
      return new Set(input.schema.fields.keys());
    }
    const reads = readsOf([...keys.map((key) => key.expression), ...readByCalls(calls)]);
    for (const column of lateReads(input, further.get(lateTo ?? ''))) reads.add(column);
    return reads;
  },
  state: stateOf,
  describe: describeAggregate,
  carry: carryAggregate,
  open,
};

function stateOf({ keys, calls, window }: Checked): StateShape {
  const types = keys.map((key) => key.expression.type);
  const groups = {
    keys: window.kind === 'same' ? [...types, TIMESTAMP] : types,
    accumulators: calls.flatMap(kindsOf),
  };
  switch (window.kind) {
    case 'session':
      return { kind: 'sessions', ...groups, gap: window.gap, updates: false };
    case 'running':
      return { kind: 'sessions', ...groups, gap: window.retention, updates: true };
    default: {
      const time = window.kind === 'batch' ? 'arrival' : 'event';
      return { kind: 'windows', ...groups, time };
    }
  }
}

function open(checked: Checked, state: State): Operator {
  const { window } = checked;
  if (state.kind === 'windows') {
    assert(window.kind !== 'session' && window.kind !== 'running', 'it has windows of one size');
    return new AggregateWindows(checked, window, state);
  }
  assert(state.kind === 'sessions', 'an aggregate has state');
  if (window.kind === 'session') return new AggregateSession(checked, window.gap, state);
  assert(window.kind === 'running', 'it runs without a window');
  return new AggregateRunning(checked, window, state);
}
