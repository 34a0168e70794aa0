/**
 * What becomes of an aggregate's groups when the author edits it: they stay as long as the same records would
 * fall into the same groups. An aggregate that is added starts at the edit; names, conditions and what is
 * computed from aggregates may change freely.
 */
import { typeText } from '../stream/schema.ts';
import { kindsOf } from './aggregate-calls.ts';
import type { Call, Checked } from './aggregate-check.ts';
import type { Window } from './aggregate-window.ts';
import type { Carry } from './operator.ts';
import type { NamedExpression } from './spec.ts';

export function carryAggregate(before: Checked, after: Checked): Carry {
  if (spanOf(before.window) !== spanOf(after.window)) {
    return { kind: 'reset', because: 'its window or retention is another one' };
  }
  if (keysOf(before.keys) !== keysOf(after.keys)) {
    return { kind: 'reset', because: 'it groups by something else' };
  }
  const places = new Map<string, number>();
  let place = 0;
  for (const call of before.calls) {
    places.set(textOf(call), place);
    place += kindsOf(call).length;
  }
  const accumulators = after.calls.flatMap((call) => {
    const at = places.get(textOf(call));
    return kindsOf(call).map((_, i) => (at === undefined ? -1 : at + i));
  });
  const same = accumulators.length === place && accumulators.every((at, i) => at === i);
  return same ? { kind: 'kept' } : { kind: 'adapted', accumulators };
}

/** Which records are taken together; how often updates leave is no part of it. */
export function spanOf(window: Window): string {
  switch (window.kind) {
    case 'session':
      return `session ${window.gap}`;
    case 'running':
      return `running ${window.retention}`;
    default:
      return `${window.kind} ${window.size} ${window.every} ${window.offset}`;
  }
}

export function keysOf(keys: readonly NamedExpression[]): string {
  return JSON.stringify(keys.map(({ expression: { text, type } }) => [text, typeText(type)]));
}

/** With the types of what it reads: of a text alone one cannot say what it kept. */
function textOf({ text, args }: Call): string {
  return JSON.stringify([text, ...args.map((arg) => [arg.text, typeText(arg.type)])]);
}
