/**
 * The account of a flow over the life of its state directory: where every line and record is. It is
 * kept by the engine and so rebuilt by a replay.
 *
 *   lane      lines = records + bad + torn + empty
 *   edge      what a stream emitted = what each of its readers received
 *   operator  received = taken + filtered + dead + late
 *   exit      received = numbered + too large
 */
import type { Consumer } from '../topology/plan.ts';

export interface LaneAccount {
  readonly name: string;
  readonly lines: number;
  readonly records: number;
  readonly bad: number;
  readonly torn: number;
  readonly empty: number;
  /** Of the records: those that came after their time. */
  readonly late: number;
  readonly bytes: number;
}

export interface OperatorAccount {
  readonly name: string;
  readonly type: string;
  readonly received: number;
  readonly taken: number;
  readonly filtered: number;
  /** Those that became dead letters here. */
  readonly dead: number;
  readonly late: number;
  readonly gave: number;
  readonly openWindows: number;
  readonly openGroups: number;
  /** Records kept for a partner, or to know their like again. */
  readonly openRows: number;
  /** Of the table that it looks up in; nothing that records have left. */
  readonly tableRows: number;
}

export interface ExitAccount {
  readonly name: string;
  readonly received: number;
  readonly numbered: number;
  readonly tooLarge: number;
  /** Of the numbered: those that became dead letters. */
  readonly moved: number;
}

export interface Account {
  readonly lanes: readonly LaneAccount[];
  readonly operators: readonly OperatorAccount[];
  readonly exits: readonly ExitAccount[];
  readonly deadLetters: number;
  /** Sentences that say which sum differs; empty: it adds up. */
  readonly gaps: readonly string[];
}

interface Edge {
  readonly emitted: number;
  readonly reader: Consumer;
}

/** Names each sum that does not hold. One that does not is a defect of ours. */
export function gapsOf(account: {
  readonly lanes: readonly LaneAccount[];
  readonly operators: readonly OperatorAccount[];
  readonly exits: readonly ExitAccount[];
  readonly edges: readonly Edge[];
}): readonly string[] {
  const gaps: string[] = [];
  for (const lane of account.lanes) {
    const sum = lane.records + lane.bad + lane.torn + lane.empty;
    if (sum !== lane.lines)
      gaps.push(`lane ${lane.name}: ${lane.lines} lines, ${sum} accounted for`);
  }
  // By identity: an exit may have the name of the operator it reads.
  const into = new Map<OperatorAccount | ExitAccount, number>();
  for (const { emitted, reader } of account.edges) {
    const element =
      reader.kind === 'stage' ? account.operators[reader.index] : account.exits[reader.index];
    into.set(element, (into.get(element) ?? 0) + emitted);
  }
  for (const element of [...account.operators, ...account.exits]) {
    const emitted = into.get(element) ?? 0;
    if (emitted !== element.received) {
      gaps.push(`${element.name}: ${emitted} sent to it, ${element.received} received`);
    }
  }
  for (const operator of account.operators) {
    if (operator.taken < 0) gaps.push(`operator ${operator.name} let go more than it received`);
  }
  for (const exit of account.exits) {
    const sum = exit.numbered + exit.tooLarge;
    if (sum !== exit.received) {
      gaps.push(`exit ${exit.name}: ${exit.received} received, ${sum} accounted for`);
    }
  }
  return gaps;
}
