/** A vehicle from its plain data: how its program is started, when, and what happens when it ends. */
import { MICROS_PER_SECOND } from '../stream/time.ts';
import { count, duration, oneOf, sorted, text } from './read-value.ts';
import { keepSecret, type Secret } from './secret.ts';
import type { Restart, Schedule, Vehicle, Wake } from './topology.ts';
import { entry, isMapping, isSequence, type Mapping, type Value } from './value.ts';

/** Long enough that a program which fails at once costs nothing, short enough not to be noticed. */
const BACKOFF_INITIAL = 1 * MICROS_PER_SECOND;
/** What comes back after an outage is fed again soon. */
const BACKOFF_MAX = 60 * MICROS_PER_SECOND;

/**
 * @param lanes names of its lanes
 * @param hidden the value of a secret whose reference stands in the data, by the path below the vehicle
 */
export function buildVehicle(
  name: string,
  data: Mapping,
  lanes: readonly string[],
  hidden: (path: readonly string[]) => string | undefined,
): Vehicle {
  const command = data.get('command');
  const env = data.get('env');
  const secret = text(data.get('secret'));
  return Object.freeze({
    name,
    command: isSequence(command) ? Object.freeze(command.map(String)) : null,
    uses: builtIn(data),
    env: new Map(
      isMapping(env)
        ? sorted([...env].map(([key, value]) => [key, variable(value, hidden(['env', key]))]))
        : [],
    ),
    cwd: text(data.get('cwd')) ?? null,
    schedule: buildSchedule(data.get('schedule')),
    restart: buildRestart(data.get('restart')),
    wake: buildWake(data.get('wake')),
    secret: secret === undefined ? null : keepSecret(secret, hidden(['secret'])),
    lanes: Object.freeze([...lanes]),
    was: text(data.get('was')) ?? null,
  });
}

function builtIn(data: Mapping): Vehicle['uses'] {
  const name = text(data.get('uses'));
  const settings = data.get('with');
  if (name === undefined) return null;
  return Object.freeze({ name, with: isMapping(settings) ? settings : new Map() });
}

/** What refers to the outside may be a password. */
function variable(value: Value, hidden: string | undefined): string | Secret {
  const written = String(value);
  return written.includes('${') ? keepSecret(written, hidden) : written;
}

function buildSchedule(data: Value | undefined): Schedule | null {
  const cron = text(entry(data, 'cron'));
  if (cron === undefined) return null;
  return Object.freeze({
    cron,
    timezone: text(entry(data, 'timezone')) ?? 'UTC',
    overlap: oneOf(entry(data, 'overlap'), ['skip', 'queue', 'kill']),
    missed: oneOf(entry(data, 'missed'), ['skip', 'run_once']),
    timeout: duration(entry(data, 'timeout')) ?? null,
  });
}

function buildRestart(data: Value | undefined): Restart {
  const backoff = entry(data, 'backoff');
  return Object.freeze({
    policy: oneOf(entry(data, 'policy'), ['on_failure', 'always', 'never']),
    initial: duration(entry(backoff, 'initial')) ?? BACKOFF_INITIAL,
    max: duration(entry(backoff, 'max')) ?? BACKOFF_MAX,
    giveUpAfter: count(entry(data, 'give_up_after')) ?? null,
  });
}

function buildWake(data: Value | undefined): Wake | null {
  if (!isMapping(data)) return null;
  return Object.freeze({
    afterRecords: count(data.get('after_records')) ?? null,
    after: duration(data.get('after')) ?? null,
  });
}
