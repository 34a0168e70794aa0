/**
 * What an edit would lose, and whether someone has said that it may: state of an operator that cannot go on with
 * it, and names that still serve what an exit holds. Nothing is lost by silence.
 */
import { counted } from '../diagnostics/words.ts';
import type { Account } from '../engine/account.ts';
import type { Committed } from '../topology/canonical.ts';
import type { Change } from '../topology/changes.ts';
import type { Topology } from '../topology/topology.ts';

/** Why an edit is not done, and what to write if it is meant. */
export interface Refusal {
  readonly rule: 'state-reset' | 'address-still-draining' | 'needs-restart';
  readonly kind: Change['kind'];
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}

export interface Stakes {
  readonly after: Topology;
  /** Of the running flow. */
  readonly account: Account;
  /** Operators whose state a person has given up by a flag. */
  readonly allowReset: ReadonlySet<string>;
}

/** @returns empty: nothing is lost that nobody gave up */
export function refusalsOf(changes: readonly Change[], stakes: Stakes): readonly Refusal[] {
  return changes.flatMap((change) => (change.losesState ? (lossOf(change, stakes) ?? []) : []));
}

function lossOf(change: Change, { after, account, allowReset }: Stakes): Refusal | undefined {
  const { kind, name, was, fate, details } = change;
  const open = openState(account, was ?? name);
  const givenUp = after.operators.get(name)?.onChange === 'reset' || allowReset.has(name);
  if (open === undefined || givenUp) return undefined;
  const flag = `run or reload with --allow-reset ${name}`;
  if (fate === 'removed') {
    return {
      rule: 'state-reset',
      kind,
      name,
      message: `"${name}" is gone, and ${open} would be lost`,
      hint: `if it was renamed, write "was: ${name}" at its new name; if it may go, ${flag}`,
    };
  }
  return {
    rule: 'state-reset',
    kind,
    name,
    message: `"${name}" cannot keep its state (${details[0]}), and ${open} would be lost`,
    hint: `if they may go, write "state: { on_change: reset }" at it, or ${flag}`,
  };
}

/** What an operator has open, in words; undefined: nothing. */
export function openState({ operators }: Account, name: string): string | undefined {
  const operator = operators.find((one) => one.name === name);
  if (operator === undefined) return undefined;
  const { openWindows, openGroups, openRows } = operator;
  if (openRows > 0) return counted(openRows, 'kept record');
  if (openGroups === 0) return undefined;
  const groups = counted(openGroups, 'group');
  return openWindows === 0 ? groups : `${groups} in ${counted(openWindows, 'open window')}`;
}

/** New addresses under which a former exit still serves what it holds. */
export function drainingAddresses(
  { topology, ids }: Committed,
  held: (exit: number) => number,
): readonly Refusal[] {
  return [...ids.formerExits].flatMap(([former, { id, address }]) => {
    const taker = [...topology.exits.values()].find((exit) => exit.address === address);
    if (taker === undefined || held(id) === 0) return [];
    return {
      rule: 'address-still-draining',
      kind: 'exit',
      name: taker.name,
      message: `the address "${address}" still serves ${held(id)} held records of "${former}", which is gone from the file`,
      hint: `take another address until they are fetched, or write "was: ${former}" if it was renamed`,
    };
  });
}
