/**
 * What the language has and this version does not do yet. Each use is a finding at its field, so that
 * nothing an author wrote is silently ignored. What begins to work leaves the list.
 */
import type { Finding, Path } from '../diagnostics/report.ts';
import { operators } from '../operators/index.ts';
import { builtInVehicles } from './built-in-vehicles.ts';
import { pathsTo } from './paths-to.ts';
import { isMapping, type Value, valueAt } from './value.ts';

interface Coming {
  readonly at: Path;
  /** Completes "... not supported yet". */
  readonly what: string;
  /** Only such values; absent: the field as a whole. */
  readonly when?: (value: Value) => boolean;
  /** Not where this field is beside it: that one has been spoken of. */
  readonly unless?: string;
}

/** A use of what is to come, and the part of the document that is not to be judged because of it. */
export interface ComingUse {
  readonly finding: Finding;
  readonly covers: Path;
}

const LANE: Path = ['vehicles', '*', 'lanes', '*'];
const STATE: Path = ['operators', '*', 'state'];

function oneOf(...values: readonly Value[]): (value: Value) => boolean {
  return (value) => values.includes(value);
}

const COMING: readonly Coming[] = [
  { at: ['amqp', 'tls'], what: 'TLS is' },
  { at: ['amqp', 'max_frame'], what: 'another frame size is' },
  { at: ['amqp', 'insecure'], what: 'listening beyond loopback is' },
  { at: ['amqp', 'brokers'], what: 'leaving by a broker is' },
  { at: ['http'], what: 'the HTTP side is', when: (value) => value !== false },
  { at: ['state', 'checkpoint_every'], what: 'checkpoints are' },
  { at: ['state', 'keep_log'], what: 'cutting the log is' },

  { at: ['vehicles', '*', 'uses'], what: 'built-in vehicles are', when: oneOf(...builtInVehicles) },
  { at: ['vehicles', '*', 'with'], what: 'built-in vehicles are', unless: 'uses' },

  { at: [...LANE, 'ack'], what: 'acknowledging lines is', when: oneOf('lines') },
  { at: [...LANE, 'limits', 'max_rate'], what: 'a bound on the rate is' },
  { at: [...LANE, 'tls'], what: 'TLS is' },
  { at: [...LANE, 'insecure'], what: 'listening beyond loopback is' },

  { at: [...STATE, 'max_bytes'], what: 'a bound on state is' },
  { at: [...STATE, 'on_full'], what: 'a bound on state is' },
  { at: [...STATE, 'on_change'], what: 'on_change: keep is', when: oneOf('keep') },
  { at: [...STATE, 'on_change'], what: 'on_change: drain is', when: oneOf('drain') },
  { at: ['exits', '*', 'broker'], what: 'leaving by a broker is' },
  {
    at: ['exits', '*', 'hold', 'distribution'],
    what: 'a copy for each vehicle is',
    when: oneOf('copy'),
  },
  { at: ['exits', '*', 'delivery', 'batch'], what: 'many records in one message are' },
];

export function notYetSupported(data: Value): readonly ComingUse[] {
  const uses = COMING.flatMap(({ at, what, when, unless }) =>
    pathsTo(data, at)
      .filter(({ value }) => when === undefined || when(value))
      .filter(({ path }) => unless === undefined || !has(holder(data, path), unless))
      .map(({ path }) => ({
        ...use(path, `${what} not supported yet`, !when),
        covers: path,
      })),
  );
  return [...uses, ...operatorUses(data)];
}

function operatorUses(data: Value): readonly ComingUse[] {
  const uses: ComingUse[] = [];
  const ready = new Map(operators.map((operator) => [operator.type, operator]));
  for (const { path, value } of pathsTo(data, ['operators', '*'])) {
    const type = isMapping(value) ? value.get('type') : undefined;
    if (typeof type !== 'string' || !isMapping(value)) continue;
    const definition = ready.get(type);
    const { properties = {}, coming = [] } = definition?.schema ?? {};
    for (const field of coming) {
      const shape: { readonly default?: unknown } = properties[field];
      if (!value.has(field) || value.get(field) === shape.default) continue;
      uses.push(use([...path, field], `"${field}" of ${type} is not supported yet`, true));
    }
  }
  return uses;
}

function use(path: Path, message: string, onKey: boolean): ComingUse {
  return { finding: { rule: 'not-yet-supported', path, onKey, message }, covers: path };
}

function holder(data: Value, path: Path): Value {
  return valueAt(data, path.slice(0, -1)) ?? null;
}

function has(value: Value, key: string): boolean {
  return isMapping(value) && value.has(key);
}
