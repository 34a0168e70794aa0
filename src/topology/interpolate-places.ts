/**
 * Where references to the world outside may stand: values of the author's that are neither names, types,
 * expressions nor tests. Each has a value that the rest of the file is judged with while it is only checked.
 */
import type { Path } from '../diagnostics/report.ts';
import { entry, type Value } from './value.ts';

export interface Place {
  readonly at: Path;
  /** Its value is never shown or stored, and may come from a file. */
  readonly secret?: boolean;
  /** Nothing is no value. */
  readonly filled?: boolean;
  /** The field takes a whole number. */
  readonly count?: boolean;
  /** From the element around it, if it depends on that; undefined: the text as it is written. */
  readonly standIn?: string | ((around: Value | undefined) => string);
}

const LANE: Path = ['vehicles', '*', 'lanes', '*'];
/** Any free port, so that it clashes with nothing. */
const ADDRESS = '127.0.0.1:0';
/** So long that no delay exceeds it. */
const WINDOW = '9999d';

/** Of parameters that say their type; the others are texts. */
const BY_TYPE: ReadonlyMap<Value | undefined, string> = new Map([
  ['long', '0'],
  ['double', '0'],
  ['boolean', 'false'],
  ['timestamp', '2026-01-01'],
]);

export const PLACES: readonly Place[] = [
  { at: ['params', '*'] },
  {
    at: ['params', '*', 'value'],
    standIn: (around) => BY_TYPE.get(entry(around, 'type')) ?? '',
  },
  { at: ['amqp', 'listen'], standIn: ADDRESS },
  { at: ['state', 'dir'] },
  { at: ['state', 'checkpoint_every'], standIn: '1GiB' },
  { at: ['state', 'keep_log', 'for'], standIn: '1h' },
  { at: ['state', 'keep_log', 'up_to'], standIn: '1GiB' },
  { at: ['amqp', 'max_frame'], standIn: '64KiB' },
  { at: ['vehicles', '*', 'schedule', 'timeout'], standIn: 'none' },
  { at: ['vehicles', '*', 'restart', 'backoff', '*'], standIn: '1s' },
  { at: ['vehicles', '*', 'wake', 'after'], standIn: '1h' },
  { at: ['vehicles', '*', 'command', '*'] },
  { at: ['vehicles', '*', 'cwd'] },
  { at: ['vehicles', '*', 'env', '*'], secret: true },
  { at: ['vehicles', '*', 'secret'], secret: true, filled: true },
  { at: [...LANE, 'listen'], standIn: ADDRESS },
  { at: [...LANE, 'connect'], standIn: 'localhost:1' },
  { at: [...LANE, 'connect', 'address'], standIn: 'localhost:1' },
  { at: [...LANE, 'connect', 'retry', '*'], standIn: '1s' },
  { at: [...LANE, 'event_time', 'max_delay'], standIn: '0s' },
  { at: [...LANE, 'event_time', 'idle_timeout'], standIn: '30s' },
  { at: [...LANE, 'limits', 'max_line'], standIn: '1MiB' },
  { at: [...LANE, 'limits', 'max_connections'], standIn: '64', count: true },
  { at: [...LANE, 'limits', 'idle'], standIn: 'none' },
  { at: [...LANE, 'limits', 'max_rate'], standIn: '1/s' },
  { at: ['operators', '*', 'window', '*'], standIn: WINDOW },
  { at: ['operators', '*', 'within'], standIn: WINDOW },
  { at: ['operators', '*', 'retention'], standIn: WINDOW },
  { at: ['operators', '*', 'every'], standIn: '1s' },
  { at: ['operators', '*', 'table', 'file'] },
  { at: ['exits', '*', 'address'] },
  { at: ['exits', '*', 'hold', 'ttl'], standIn: '1d' },
  { at: ['exits', '*', 'hold', 'max_bytes'], standIn: '1GiB' },
  { at: ['exits', '*', 'hold', 'max_records'], standIn: '1', count: true },
  { at: ['exits', '*', 'delivery', 'max_unsettled'], standIn: '1024', count: true },
  { at: ['exits', '*', 'delivery', 'max_deliveries'], standIn: '10', count: true },
  { at: ['exits', '*', 'delivery', 'batch', 'after'], standIn: '0ms' },
  { at: ['dead_letter', 'address'] },
  { at: ['dead_letter', 'hold', 'ttl'], standIn: '1d' },
  { at: ['dead_letter', 'hold', 'max_bytes'], standIn: '1GiB' },
  { at: ['dead_letter', 'hold', 'max_records'], standIn: '1', count: true },
];
