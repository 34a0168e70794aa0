/** A lane of the model. Defaults are filled in; a text lane has no fields of its own but computed ones. */
import type { TimestampFormat } from '../codecs/codec.ts';
import type { Path, Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';
import { parseFieldType } from './field-type.ts';
import { address, count, duration, oneOf, size, text, texts } from './read-value.ts';
import type { DeclaredEventTime, DeclaredField, Lane } from './topology.ts';
import { entry, isMapping, type Mapping, type Value } from './value.ts';

const MAX_LINE_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 64;
const IDLE_TIMEOUT = 30 * MICROS_PER_SECOND;
const RETRY = { initial: MICROS_PER_SECOND, max: 30 * MICROS_PER_SECOND };
const FORMATS = ['iso8601', 'epoch_s', 'epoch_ms', 'epoch_us', 'epoch_ns'] as const;

export function buildLane(
  name: string,
  vehicle: string,
  value: Mapping,
  path: Path,
  report: Report,
): Lane {
  const limits = value.get('limits');
  const idle = entry(limits, 'idle');
  const codec = oneOf(value.get('codec'), ['ndjson', 'text']);
  const fields = codec === 'ndjson' ? buildFields(value.get('fields'), path, report) : [];
  const names = fields.map((field) => field.name);
  const required = texts(value.get('required'));
  required.forEach((field, i) => {
    if (!names.includes(field)) unknown(field, names, [...path, 'required', i], report);
  });
  if (codec === 'ndjson' && value.get('fields') === undefined && value.get('codec') !== 'csv') {
    const message = `lane "${name}" does not say which fields its records have`;
    const hint = 'write fields: { id: long, name: string }, or codec: text';
    report.add({ rule: 'missing-field', path, onKey: true, message, hint });
  }
  if (value.has('listen') && value.has('connect')) {
    const message = 'a lane either listens or connects';
    const where = [...path, 'connect'];
    report.add({
      rule: 'conflicting-fields',
      path: where,
      onKey: true,
      message,
      hint: 'leave one out',
    });
  }
  return Object.freeze({
    name,
    vehicle,
    listen: address(value.get('listen')) ?? null,
    connect: address(value.get('connect')) ?? null,
    retry: Object.freeze(RETRY),
    codec,
    fields: Object.freeze(fields),
    required: Object.freeze(required),
    eventTime: eventTime(value.get('event_time'), fields, path, report),
    limits: Object.freeze({
      maxLine: size(entry(limits, 'max_line')) ?? MAX_LINE_BYTES,
      maxConnections: count(entry(limits, 'max_connections')) ?? MAX_CONNECTIONS,
      idle: idle === 'none' ? null : (duration(idle) ?? null),
    }),
    atEnd: oneOf(value.get('at_end'), ['wait', 'finish']),
    badRecord: oneOf(value.get('bad_record'), ['dead_letter', 'skip']),
  });
}

function unknown(field: string, names: readonly string[], path: Path, report: Report): void {
  const near = nearest(field, names);
  const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`;
  report.add({ rule: 'unknown-column', path, message: `the lane has no field "${field}"`, hint });
}

function buildFields(data: Value | undefined, path: Path, report: Report): DeclaredField[] {
  if (!isMapping(data)) return [];
  const fields: DeclaredField[] = [];
  for (const [name, value] of data) {
    const written = text(isMapping(value) ? value.get('type') : value);
    if (written === undefined) continue;
    const at = isMapping(value) ? [...path, 'fields', name, 'type'] : [...path, 'fields', name];
    const parsed = parseFieldType(written);
    if ('problem' in parsed || parsed.type.kind === 'map') {
      const later = !('problem' in parsed) || parsed.later === true;
      const message =
        'problem' in parsed ? parsed.problem : 'a map as a field is not supported yet';
      const hint = 'problem' in parsed ? parsed.hint : undefined;
      const rule = later ? 'not-yet-supported' : 'wrong-type';
      report.add({ rule, path: at, message, ...(hint === undefined ? {} : { hint }) });
      continue;
    }
    const format: TimestampFormat = oneOf(entry(value, 'format'), [...FORMATS]);
    const source = (text(entry(value, 'source')) ?? name).split('.');
    const whole = text(entry(value, 'source')) === undefined ? [name] : source;
    fields.push(Object.freeze({ name, type: parsed.type, source: Object.freeze(whole), format }));
  }
  return fields;
}

function eventTime(
  value: Value | undefined,
  fields: readonly DeclaredField[],
  path: Path,
  report: Report,
): DeclaredEventTime | null {
  const long = isMapping(value);
  const name = text(long ? value.get('field') : value);
  if (name === undefined || (!long && name === 'arrival')) return null;
  const at = long ? [...path, 'event_time', 'field'] : [...path, 'event_time'];
  const field = fields.find((one) => one.name === name);
  if (field === undefined) {
    unknown(
      name,
      fields.filter((one) => one.type.kind === 'timestamp').map((one) => one.name),
      at,
      report,
    );
    return null;
  }
  if (field.type.kind !== 'timestamp') {
    const message = `event time must be a timestamp; "${name}" is a ${field.type.kind}`;
    const hint = `write ${name}: { type: timestamp, format: epoch_ms } if it holds numbers`;
    report.add({ rule: 'type-mismatch', path: at, message, hint });
    return null;
  }
  const idle = entry(value, 'idle_timeout');
  return Object.freeze({
    field: name,
    maxDelay: duration(entry(value, 'max_delay')) ?? 0,
    idleTimeout: idle === 'never' ? null : (duration(idle) ?? IDLE_TIMEOUT),
  });
}
