/**
 * The work of `roundabout explain`. A word is looked up among rules, operators, functions, aggregates and fields;
 * a file is read aloud, element by element. Nothing runs.
 */
import { statSync } from 'node:fs';
import { nearest } from '../diagnostics/suggest.ts';
import { rules } from '../rules/index.ts';
import { aggregates } from '../sql/aggregates.ts';
import { aggregateNames, functions } from '../sql/functions.ts';
import { RoundaboutError } from '../stream/error.ts';
import { isComing } from '../topology/coming-fields.ts';
import { type FieldEntry, fieldList, fieldsAsked } from '../topology/field-list.ts';
import { type ReadAloud, readAloud } from '../topology/read-aloud.ts';
import type { Streams } from './command.ts';
import { readValid } from './read-valid.ts';

const EXIT_FINDINGS = 1;
/** Of the labels of a read-aloud element: the longest is `read by`. */
const LABEL_WIDTH = 9;
/** More fields of one name than these are listed by their paths. */
const SHOWN_MAX = 4;

/** What a word means, in lines for a person, and as data. */
interface Meaning {
  readonly kind: 'rule' | 'field' | 'function' | 'aggregate' | 'element';
  readonly text: string;
  readonly data: object;
}

/**
 * @returns 0; 1 when the file has errors
 * @throws RoundaboutError `bad-usage` for what nobody knows, `file-unreadable`
 */
export function explain(
  what: string,
  name: string | undefined,
  { format }: { readonly format: 'human' | 'json' },
  streams: Streams,
): number {
  const isFile = name !== undefined || /\.ya?ml$/.test(what) || isPath(what);
  const meanings = isFile ? elementsOf(what, name, streams) : meaningsOf(what);
  if (meanings === undefined) return EXIT_FINDINGS;
  if (format === 'json') {
    streams.out.write('{"roundabout":1,"kind":"explanation"}\n');
    for (const { kind, data } of meanings) {
      streams.out.write(`${JSON.stringify({ ...data, kind })}\n`);
    }
  } else streams.out.write(meanings.map(({ text }) => text).join('\n'));
  return 0;
}

/** A folder may have the name of a field, and is none to read aloud. */
function isPath(what: string): boolean {
  return statSync(what, { throwIfNoEntry: false })?.isFile() === true;
}

function meaningsOf(what: string): readonly Meaning[] {
  const rule = rules.find(({ slug }) => slug === what);
  if (rule !== undefined) {
    const { slug, severity, explain: words, wrong, right } = rule;
    const text = `${slug}   rule, ${severity}\n${words}\n\nWrong:\n${indented(wrong)}\nRight:\n${indented(right)}`;
    return [{ kind: 'rule', text, data: { slug, severity, explain: words, wrong, right } }];
  }
  const definition = functions.get(what.toLowerCase());
  if (definition !== undefined) {
    const { name, signature, doc, example } = definition;
    const text = `${signature}   function\n${doc}\n\n  ${example.text} gives ${example.gives}\n`;
    return [{ kind: 'function', text, data: { name, signature, doc, example } }];
  }
  const found = [...aggregates.values()].filter(({ name }) => name === what.toLowerCase());
  if (found.length > 0) {
    return found.map(({ name, doc, example }) => {
      const text = `${name}   aggregate\n${doc}\n\n  ${example}\n`;
      return { kind: 'aggregate', text, data: { name, doc, example } };
    });
  }
  return fieldMeanings(what);
}

function fieldMeanings(what: string): readonly Meaning[] {
  const found = fieldsAsked(what.split('.'));
  if (found.length > SHOWN_MAX) {
    const paths = found.map(({ path }) => path.join('.'));
    const text = `${what} is a field of several elements:\n${indented(`${paths.join('\n')}\n`)}`;
    return [{ kind: 'field', text, data: { paths } }];
  }
  if (found.length > 0) {
    return found.map((field) => ({ kind: 'field', text: fieldText(field), data: field }));
  }
  const known = [
    ...rules.map(({ slug }) => slug),
    ...functions.keys(),
    ...aggregateNames,
    ...fieldList().flatMap(({ path }) => [path.join('.'), path[path.length - 1]]),
  ];
  const near = nearest(what, known);
  throw new RoundaboutError('bad-usage', `nothing here is called "${what}"`, {
    hint:
      near === undefined
        ? 'name a rule, a field like exits.hold.ttl, a function, or a file and an element of it'
        : `did you mean "${near}"?`,
  });
}

function fieldText(field: FieldEntry): string {
  const { path, title, description, values, examples, required } = field;
  const coming = isComing(field) ? ', not yet supported' : '';
  const lines = [
    `${path.join('.')}   field, ${required ? 'required' : 'optional'}${coming}`,
    `${title}. ${description}`,
    '',
    `  values    ${values.replaceAll('`', '')}`,
    ...(field.default === undefined ? [] : [`  default   ${shown(field.default)}`]),
    ...(examples.length === 0 ? [] : [`  example   ${examples.map(shown).join('   ')}`]),
    ...(field.secret ? ['  secret    never shown'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** A text as it is written, if it can be seen. */
function shown(value: unknown): string {
  const seen = typeof value === 'string' && /^\P{Cc}+$/u.test(value);
  return seen ? value : JSON.stringify(value);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function elementsOf(
  file: string,
  name: string | undefined,
  streams: Streams,
): readonly Meaning[] | undefined {
  const valid = readValid(file, streams);
  if (valid === undefined) return undefined;
  const { topology, plan } = valid;
  const names = [
    ...topology.vehicles.keys(),
    ...plan.lanes.map((lane) => lane.name),
    ...plan.stages.map((stage) => stage.name),
    ...plan.exits.map((exit) => exit.name),
  ];
  const asked = name === undefined ? [...new Set(names)] : [name];
  const found = asked.flatMap((one) => readAloud(topology, plan, one));
  if (found.length === 0 && name === undefined) {
    const text = `${topology.name} has no vehicle, operator or exit yet\n`;
    return [{ kind: 'element', text, data: { name: topology.name } }];
  }
  if (found.length === 0) {
    const near = nearest(name ?? '', names);
    throw new RoundaboutError('bad-usage', `${file} has no element "${name}"`, {
      hint:
        near === undefined
          ? `there are: ${[...new Set(names)].join(', ')}`
          : `did you mean "${near}"?`,
    });
  }
  return found.map((one) => ({ kind: 'element', text: elementText(one), data: elementData(one) }));
}

function elementText({ name, title, paragraphs }: ReadAloud): string {
  const lines = paragraphs.flatMap(({ label, sentences }) =>
    sentences.map((one, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${one}`),
  );
  return `${name}   ${title}\n${lines.join('\n')}\n`;
}

function elementData({ kind, name, paragraphs }: ReadAloud): object {
  return { element: kind, name, paragraphs };
}
