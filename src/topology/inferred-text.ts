/** Guessed fields as the lines of a lane, with what the sample said as comments. */
import { Document, type Scalar, type YAMLMap } from 'yaml';
import type { Inferred, InferredField } from '../codecs/infer-sample.ts';
import { counted } from '../diagnostics/words.ts';
import type { DataType } from '../stream/schema.ts';
import { formatDuration, MICROS_PER_SECOND } from '../stream/time.ts';

/** @returns `codec`, `fields` and `event_time` of a lane */
export function inferredText({
  codec,
  records,
  bad,
  fields,
  leftOut,
  eventTime,
}: Inferred): string {
  const document = new Document({ codec, fields: {} });
  const known = document.get('fields') as YAMLMap;
  for (const field of fields) {
    const value = document.createNode(fieldWords(field), { flow: true });
    if (field.absent > 0) value.comment = ` null or missing in ${field.absent} of ${records}`;
    known.set(document.createNode(field.name), value);
  }
  const always = fields.filter(({ absent }) => absent === 0).map(({ name }) => name);
  const comments = [
    `from ${counted(records, 'record')}${bad === 0 ? '' : `, and ${noRecords(bad)}`}`,
    ...leftOut.map(({ name, why }) => `without ${JSON.stringify(name)}: ${why}`),
    ...(always.length === 0
      ? []
      : [`always there: ${JSON.stringify(always)}; what must be, goes under required`]),
  ];
  document.commentBefore = comments.map((line) => ` ${line}`).join('\n');
  if (eventTime !== null) document.set('event_time', eventTimeNode(document, eventTime));
  return document.toString({ lineWidth: 0 });
}

/** `3 lines that are none`. */
export function noRecords(lines: number): string {
  return `${counted(lines, 'line')} that ${lines === 1 ? 'is' : 'are'} none`;
}

function fieldWords({ type, format }: InferredField): unknown {
  if (type.kind !== 'timestamp' || format === 'iso8601') return typeWords(type);
  return { type: 'timestamp', format };
}

/** As the author of a file writes a type: names in back quotes where a plain one could be misread. */
function typeWords(type: DataType): string {
  if (type.kind === 'array') return `array<${typeWords(type.element)}>`;
  if (type.kind !== 'struct') return type.kind;
  const fields = type.fields.map(({ name, type: inner }) => {
    const word = /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``;
    return `${word}: ${typeWords(inner)}`;
  });
  return `struct<${fields.join(', ')}>`;
}

function eventTimeNode(
  document: Document,
  { field, behind }: NonNullable<Inferred['eventTime']>,
): Scalar | YAMLMap {
  // Whole seconds, upwards: the sample has not seen the worst.
  const delay = Math.ceil(behind / MICROS_PER_SECOND) * MICROS_PER_SECOND;
  const value = delay === 0 ? field : { field, max_delay: formatDuration(delay) };
  const node = document.createNode(value, { flow: true }) as Scalar | YAMLMap;
  node.comment =
    delay === 0
      ? ' in order in the sample'
      : ` out of order by up to ${formatDuration(delay)} in the sample`;
  return node;
}
