/**
 * The schema as editors get it: the one that judges a file, with what only helps a person who writes one. Every
 * field has an example (composed from those of its parts where it holds others) and says what holds without it,
 * and elements come as snippets. Nothing here changes what is valid.
 */
import { operators } from '../operators/index.ts';
import type { SpecSchema } from '../operators/operator.ts';
import { topologySchema } from './schema.ts';

/** A shape of the schema; what is not named here is passed on. */
export interface Shape {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly writeOnly?: boolean;
  readonly $comment?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly propertyNames?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly allOf?: readonly Shape[];
  readonly if?: Shape;
  readonly then?: Shape;
  readonly else?: Shape;
  /** What editors show instead of the description. */
  readonly markdownDescription?: string;
  readonly defaultSnippets?: readonly Snippet[];
  readonly pattern?: string;
  /** What editors say instead of the pattern. */
  readonly patternErrorMessage?: string;
}

interface Snippet {
  readonly label: string;
  readonly description: string;
  readonly body: unknown;
}

const LANE = {
  listen: 0,
  fields: { id: 'long', at: 'timestamp' },
  event_time: 'at',
};
const VEHICLE = { lanes: { orders: LANE } };
const EXIT = { from: 'orders', for: 'biller' };

/** Elements that authors name, by the path of what holds them: one of each, as it may stand in a file. */
const ELEMENTS: Readonly<Record<string, readonly [name: string, element: object]>> = {
  vehicles: ['shop', VEHICLE],
  'vehicles.lanes': ['orders', LANE],
  operators: ['large', { type: 'filter', from: 'orders', where: 'amount > 100' }],
  exits: ['invoices', EXIT],
  'amqp.brokers': ['central', { url: 'amqps://broker.example:5671' }],
};

/** What a text should have looked like, by the noun that the schema has for it. */
const FORMS: Readonly<Record<string, string>> = {
  duration: 'Write a duration: a number and d, h, m, s or ms, as in 30s or 1h30m.',
  size: 'Write a size: a number and B, KiB, MiB or GiB, as in 64KiB.',
  rate: 'Write a rate: so much a second, as in 1000/s or 10MiB/s.',
  address: 'Write host:port, [::1]:port or a port up to 65535.',
  stream: 'A name begins with a lower-case letter; then come letters, digits and _.',
  exit: 'A name begins with a lower-case letter; then come letters, digits and _. Some words are taken.',
  vehicle: 'A name begins with a lower-case letter; then come letters, digits, _ and -.',
  field: 'This name is taken: it stands beside the fields of every record.',
  variable: 'A variable is letters, digits and _.',
};

export const editorSchema: Shape = finished(topologySchema as Shape, [], true);

function finished(shape: Shape, path: readonly string[], required: boolean): Shape {
  const whole = withParts(shape, path);
  if (shape.title === undefined) return whole;
  const example = exampleOf(whole, path);
  const all = whole.examples ?? (example === undefined ? [] : [example]);
  // Where a short form may stand too, editors show an example of the long one only as a snippet.
  const long: readonly unknown[] = isEither(shape)
    ? all.filter((one) => typeof one === 'object' && !Array.isArray(one))
    : [];
  const snippets = [...snippetsAt(path), ...long.map(asSnippet)];
  return {
    ...whole,
    examples: all.filter((one) => !long.includes(one)),
    markdownDescription: `${shape.description ?? ''} ${withoutIt(shape, required)}`.trim(),
    ...(snippets.length === 0 ? {} : { defaultSnippets: snippets }),
  };
}

/** A text, a number or a list may stand in its place, or fields. */
export function isEither({ type }: Shape): boolean {
  return Array.isArray(type) && type.includes('object');
}

function asSnippet(example: unknown): Snippet {
  const label = JSON.stringify(example)
    .replaceAll('"', '')
    .replaceAll(/([{:,])/g, '$1 ');
  return {
    label: label.replaceAll('}', ' }').replaceAll(' :', ':'),
    description: 'Example',
    body: example,
  };
}

function withParts(shape: Shape, path: readonly string[]): Shape {
  const { properties, additionalProperties: other, items, allOf, then, else: otherwise } = shape;
  const form = FORMS[shape.$comment?.split(' ')[1] ?? ''];
  const inside = (one: Shape, here: readonly string[] = path): Shape => finished(one, here, false);
  const of = (name: string): boolean => shape.required?.includes(name) === true;
  return {
    ...shape,
    ...(shape.pattern !== undefined && form !== undefined && { patternErrorMessage: form }),
    ...(shape.propertyNames && { propertyNames: withParts(shape.propertyNames, path) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [
          name,
          finished(one, [...path, name], of(name)),
        ]),
      ),
    }),
    ...(typeof other === 'object' && { additionalProperties: inside(other, [...path, '*']) }),
    ...(items && { items: inside(items, [...path, '*']) }),
    ...(allOf && { allOf: allOf.map((one) => inside(one)) }),
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    ...(then && { then: inside(then) }),
    ...(otherwise && { else: inside(otherwise) }),
  };
}

/** What holds when the field is left out. */
function withoutIt(
  { description = '', default: value, ...shape }: Shape,
  required: boolean,
): string {
  if (required) return 'Required.';
  if (/\babsent\b/i.test(description)) return '';
  if (value !== undefined) return `Default: \`${plain(value)}\`.`;
  const inner = Object.values(shape.properties ?? {});
  return inner.some((one) => one.default !== undefined)
    ? 'Absent: each of its fields has its default.'
    : 'Default: none.';
}

/** A value as an author writes it. */
export function plain(value: unknown): string {
  return typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value);
}

function exampleOf(shape: Shape, path: readonly string[]): unknown {
  const [given] = shape.examples ?? [];
  if (given !== undefined) return given;
  // The branch of one type of operator is put together from its own fields.
  const isBranch = shape.properties?.['type']?.const !== undefined;
  const holder = isBranch ? undefined : ELEMENTS[path.filter((step) => step !== '*').join('.')];
  if (holder !== undefined && path.at(-1) === '*') return holder[1];
  if (holder !== undefined) return { [holder[0]]: holder[1] };
  if (shape.const !== undefined) return shape.const;
  if (shape.enum !== undefined) return shape.enum.find((one) => one !== shape.default);
  if (typeof shape.default === 'boolean') return !shape.default;
  if (shape.default !== undefined) return shape.default;
  const parts = { ...shape.properties, ...shape.then?.properties };
  const needed = [...(shape.required ?? []), ...(shape.then?.required ?? [])];
  const names = needed.length > 0 ? needed : Object.keys(parts).slice(0, 1);
  const fields = names.map(
    (name) => [name, exampleOf(parts[name] ?? {}, [...path, name])] as const,
  );
  const whole = fields.length > 0 && fields.every(([, value]) => value !== undefined);
  return whole ? Object.fromEntries(fields) : undefined;
}

/** What an editor offers where an element is begun. Numbers are the places that Tab goes through. */
function snippetsAt(path: readonly string[]): readonly Snippet[] {
  switch (path.join('.')) {
    case '':
      return [
        {
          label: 'flow',
          description: 'A whole flow: a vehicle with a lane, an operator, an exit, and a test',
          body: {
            version: 1,
            name: hole(1, 'my-flow'),
            http: false,
            vehicles: { [hole(2, 'shop')]: VEHICLE },
            operators: { large: { type: 'filter', from: 'orders', where: hole(3, 'id > 100') } },
            exits: { results: { from: 'large', for: hole(2, 'shop') } },
            tests: [
              {
                name: hole(4, 'a large order leaves'),
                steps: [
                  { feed: { orders: [{ id: 101, at: '2026-01-01T00:00:00Z' }] } },
                  { expect: { results: [{ id: 101 }] } },
                ],
              },
            ],
          },
        },
      ];
    case 'vehicles':
      return [
        {
          label: 'vehicle',
          description: 'A program that dials a lane and sends JSON lines',
          body: { [hole(1, 'shop')]: { lanes: { [hole(2, 'orders')]: LANE } } },
        },
      ];
    case 'vehicles.*.lanes':
      return [
        {
          label: 'lane',
          description: 'Where records come in, as JSON lines',
          body: { [hole(1, 'orders')]: LANE },
        },
      ];
    case 'operators':
      return operators.map(({ type, summary, schema, inputs = 'one' }) => ({
        label: type,
        description: summary,
        body: {
          [hole(1, 'result')]: {
            type,
            ...(inputs === 'pair'
              ? { left: hole(2, 'orders'), right: hole(3, 'payments') }
              : { from: inputs === 'one' ? hole(2, 'orders') : ['north', 'south'] }),
            ...Object.fromEntries(
              Object.entries(schema.properties as Readonly<Record<string, Shape>>)
                .filter(([name]) => isTypical(name, schema))
                .map(([name, one]) => [name, one.examples?.[0]]),
            ),
          },
        },
      }));
    case 'exits':
      return [
        {
          label: 'exit',
          description: 'Where results are held until a vehicle takes them',
          body: { [hole(1, 'results')]: { from: hole(2, 'orders'), for: hole(3, 'biller') } },
        },
      ];
    default:
      return [];
  }
}

/** What nearly every operator that has such a field is written with. */
function isTypical(name: string, { required, coming = [] }: SpecSchema): boolean {
  if (coming.includes(name)) return false;
  return required.includes(name) || ['window', 'group_by', 'fields', 'within'].includes(name);
}

function hole(place: number, text: string): string {
  return `\${${place}:${text}}`;
}
