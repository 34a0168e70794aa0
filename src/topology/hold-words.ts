/** The bounds of a hold in an author's words: how long and how much is kept, and what happens then. */
import { counted, listed } from '../diagnostics/words.ts';
import { formatSize } from '../stream/size.ts';
import { formatDuration } from '../stream/time.ts';
import { stoppedBy } from './stopped-by.ts';
import type { Exit, HoldLimits, Topology } from './topology.ts';

/** What goes though nobody has taken it. */
export function keepWords({ hold: { ttl, keep, key } }: Exit): readonly string[] {
  return [
    ...(keep === 'all'
      ? []
      : [
          `Of messages with the same ${listed(key)} only the newest is kept, besides one that a receiver has in hand.`,
        ]),
    ...(ttl === null
      ? []
      : [`After ${formatDuration(ttl)} it expires, unless a receiver has it in hand.`]),
  ];
}

/** `1 GiB or 100 records`; undefined: there is no bound. */
export function boundWords({ maxBytes, maxRecords }: HoldLimits): string | undefined {
  const bounds = [
    ...(maxBytes === null ? [] : [formatSize(maxBytes)]),
    ...(maxRecords === null ? [] : [counted(maxRecords, 'record')]),
  ];
  return bounds.length === 0 ? undefined : bounds.join(' or ');
}

/** What happens when it is full, and who waits then. */
export function fullWords(topology: Topology, exit: Exit): string {
  const { name, hold } = exit;
  const bound = boundWords(hold);
  if (bound === undefined) return `What ${name} holds has no bound but the disk.`;
  const full = `When ${name} holds ${bound},`;
  if (hold.onFull === 'drop_oldest') return `${full} its oldest are dropped, and nobody waits.`;
  if (hold.onFull === 'dead_letter') {
    return `${full} its oldest go to the dead letter, and nobody waits.`;
  }
  const { lanes, feeders, neighbours } = stoppedBy(topology, exit);
  // A vehicle with one lane mostly has its name.
  const whoWait = listed(lanes) === listed(feeders) ? '' : ` ${listed(feeders)}`;
  const first = `${full} ${listed(lanes)} ${are(lanes)} not read, and${whoWait} ${wait(feeders)} until a tenth of it is free.`;
  if (neighbours.length === 0) return first;
  return `${first} Until then ${listed(neighbours)} ${neighbours.length === 1 ? 'gets' : 'get'} nothing new either.`;
}

function are(names: readonly string[]): string {
  return names.length === 1 ? 'is' : 'are';
}

function wait(names: readonly string[]): string {
  return names.length === 1 ? 'waits' : 'wait';
}
