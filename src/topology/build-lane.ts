/** A lane from its plain data: addresses, fields with their types, event time, limits. */

import { below, type Path, type Report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { parseTimePattern } from '../sql/time-pattern.ts';
import { TIMESTAMP, typeText } from '../stream/schema.ts';
import { MICROS_PER_SECOND } from '../stream/time.ts';
import type { Address } from './address.ts';
import { buildCodec, checkColumns } from './build-codec.ts';
import { parseFieldType } from './field-type.ts';
import { literalText, type SourceOf } from './operator-spec.ts';
import { address, count, duration, oneOf, size, text, texts } from './read-value.ts';
import { TIME_PATTERN, TIMESTAMP_FORMATS } from './schema-lane.ts';
import type { DeclaredEventTime, DeclaredField, Lane } from './topology.ts';
import { entry, isMapping, isSequence, type Mapping, type Value } from './value.ts';

/** Soon enough for a vehicle that starts a moment later than we do. */
const RETRY_INITIAL = 1 * MICROS_PER_SECOND;
/** A person who starts the vehicle waits no longer. */
const RETRY_MAX = 30 * MICROS_PER_SECOND;
/** A lane silent for this long does not hold the others back. */
const IDLE_TIMEOUT = 30 * MICROS_PER_SECOND;
/** Far more than a record that a person would write a topology for; bounds what a peer can make us keep. */
const MAX_LINE = 1024 * 1024;
const MAX_CONNECTIONS = 64;

const ANY_PORT: Address = Object.freeze({ host: '127.0.0.1', port: 0 });

/** @param owner the vehicle; of one with a schedule, each run is whole at its end, and between runs nothing is late */
export function buildLane(
  name: string,
  owner: { readonly name: string; readonly scheduled: boolean },
  data: Mapping,
  path: Path,
  source: SourceOf,
  report: Report,
): Lane {
  const here = below(report, path);
  const codec = buildCodec(data.get('codec'), here);
  const cells = codec.kind === 'csv' || codec.kind === 'pattern';
  const sourceOf: SourceOf = (step) => source([...path, ...step]);
  const declared = buildFields(data.get('fields'), cells, sourceOf, here);
  // A rule speaks of the others.
  const fields = codec.kind === 'text' ? declared.filter(isComputed) : declared;
  if (codec.kind === 'csv' || codec.kind === 'pattern') checkColumns(codec, fields, data, here);
  const connect = data.get('connect');
  const dialled = address(isMapping(connect) ? connect.get('address') : connect) ?? null;
  const retry = entry(connect, 'retry');
  const limits = data.get('limits');
  const known = codec.kind === 'text' ? [codec.field, ...fields] : fields;
  const required = texts(data.get('required'));
  const written = data.get('fields');
  // A field whose type can't be read has been reported, and is there all the same.
  const isKnown = (field: string): boolean =>
    known.some((one) => one.name === field) || (isMapping(written) && written.has(field));
  required.forEach((field, i) => {
    if (!isKnown(field)) here.add(noField(field, known, ['required', i]));
  });
  return Object.freeze({
    name,
    vehicle: owner.name,
    listen: address(data.get('listen')) ?? (dialled === null ? ANY_PORT : null),
    connect: dialled,
    retry: Object.freeze({
      initial: duration(entry(retry, 'initial')) ?? RETRY_INITIAL,
      max: duration(entry(retry, 'max')) ?? RETRY_MAX,
    }),
    codec,
    fields: Object.freeze(fields),
    required: Object.freeze([...required].sort()),
    eventTime: buildEventTime(data.get('event_time'), known, isKnown, owner.scheduled, here),
    lateTo: text(data.get('late_to')) ?? null,
    limits: Object.freeze({
      maxLine: size(entry(limits, 'max_line')) ?? MAX_LINE,
      maxConnections: count(entry(limits, 'max_connections')) ?? MAX_CONNECTIONS,
      idle: duration(entry(limits, 'idle')) ?? null,
    }),
    atEnd: oneOf(data.get('at_end'), owner.scheduled ? ['finish', 'wait'] : ['wait', 'finish']),
    unknownFields: oneOf(data.get('unknown_fields'), ['ignore', 'reject']),
    badRecord: oneOf(data.get('bad_record'), ['dead_letter', 'skip', 'stop', 'close']),
    was: text(data.get('was')) ?? null,
  });
}

export function isComputed({ expression }: DeclaredField): boolean {
  return expression !== null;
}

/** @param cells a source is the name of a column or a group, else a path of keys */
function buildFields(
  data: Value | undefined,
  cells: boolean,
  sourceOf: SourceOf,
  report: Report,
): DeclaredField[] {
  const fields: DeclaredField[] = [];
  if (!isMapping(data)) return fields;
  for (const [name, value] of data) {
    const long = isMapping(value);
    const typeWords = text(long ? value.get('type') : value);
    if (typeWords === undefined) continue;
    const parsed = parseFieldType(typeWords);
    if (!('type' in parsed)) {
      const path = long ? ['fields', name, 'type'] : ['fields', name];
      const { problem, hint, later = false } = parsed;
      const rule = later ? 'not-yet-supported' : 'value-not-allowed';
      report.add({ rule, path, message: problem, ...(hint === undefined ? {} : { hint }) });
      continue;
    }
    const path: Path = ['fields', name];
    const written = long ? texts(value.get('source')) : [];
    const sources = written.map((one) => (cells ? [one] : one.split('.')));
    const computed = long ? value.get('expression') : undefined;
    const expression =
      computed === undefined || isMapping(computed) || isSequence(computed)
        ? null
        : String(literalText(computed, [...path, 'expression'], sourceOf));
    fields.push(
      Object.freeze({
        name,
        type: parsed.type,
        // A field's own name is one key, whatever characters it has; a source is a path.
        sources: Object.freeze(sources.length > 0 ? sources : [[name]]),
        format: oneOf(long ? value.get('format') : undefined, TIMESTAMP_FORMATS),
        pattern: long ? patternOf(value.get('format'), below(report, path)) : null,
        expression,
      }),
    );
  }
  return fields;
}

/** @returns null where the format is one of those with a name, or none that can be read */
function patternOf(data: Value | undefined, report: Report): string | null {
  const format = text(data);
  if (format === undefined || !new RegExp(TIME_PATTERN).test(format)) return null;
  const parsed = parseTimePattern(format);
  if ('pattern' in parsed) return format;
  const hint = 'write a pattern like "yyyy-MM-dd HH:mm:ss"';
  report.add({ rule: 'pattern-not-supported', path: ['format'], message: parsed.problem, hint });
  return null;
}

function buildEventTime(
  data: Value | undefined,
  fields: readonly DeclaredField[],
  isKnown: (field: string) => boolean,
  scheduled: boolean,
  report: Report,
): DeclaredEventTime | null {
  const long = isMapping(data);
  const name = text(long ? data.get('field') : data);
  if (name === undefined || (name === 'arrival' && !long)) return null;
  const path = long ? ['event_time', 'field'] : ['event_time'];
  const field = fields.find((one) => one.name === name);
  if (field === undefined) {
    if (!isKnown(name)) report.add(noField(name, fields, path));
    return null;
  }
  if (field.type.kind !== TIMESTAMP.kind) {
    const message = `"${name}" is a ${typeText(field.type)}, event time must be a timestamp`;
    const hint = `declare it as a timestamp: ${name}: { type: timestamp, format: epoch_ms }`;
    report.add({ rule: 'type-mismatch', path, message, hint });
    return null;
  }
  const idle = entry(data, 'idle_timeout');
  return Object.freeze({
    field: name,
    maxDelay: duration(entry(data, 'max_delay')) ?? 0,
    idleTimeout: idle === 'never' ? null : (duration(idle) ?? (scheduled ? null : IDLE_TIMEOUT)),
  });
}

function noField(name: string, fields: readonly DeclaredField[], path: Path) {
  const names = fields.map((field) => field.name);
  const meant = nearest(name, names);
  const hint =
    meant === undefined ? `fields here: ${names.join(', ')}` : `did you mean "${meant}"?`;
  const message = `there is no field "${name}" here`;
  return { rule: 'unknown-column', path, message, ...(names.length === 0 ? {} : { hint }) };
}
