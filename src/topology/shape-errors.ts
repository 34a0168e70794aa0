/**
 * The validator's errors in the author's words: one finding for one cause. A follow-up of a cause (the
 * other branch, the name's inner pattern, the field that is missing because it is misspelt) is dropped.
 */
import type { Finding, Path } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { RESERVED_STREAMS } from '../operators/spec.ts';
import { parseDuration } from '../stream/time.ts';
import { gluedField, meantField } from './meant-field.ts';
import { quantityHint } from './quantity-hint.ts';
import { elementsHolding, fieldHolding, fieldsAt } from './schema-fields.ts';
import { RESERVED_EXITS } from './schema-parts.ts';
import { LOOKS } from './topology-test.ts';
import { entry, isMapping, isSequence, type Value, valueAt } from './value.ts';
import { hinted, quote } from './words.ts';
import { wrongType } from './wrong-type.ts';

/** What the compiled validator says. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: {
    readonly additionalProperty?: string;
    readonly missingProperty?: string;
    readonly propertyName?: string;
    readonly type?: string | readonly string[];
    readonly allowedValues?: readonly unknown[];
    readonly limit?: number;
  };
  /** Set on what a name's own schema said; the error about the name follows. */
  readonly propertyName?: string;
  readonly parentSchema?: {
    readonly $comment?: string;
    readonly examples?: readonly unknown[];
    readonly type?: unknown;
    readonly required?: readonly string[];
  };
  readonly schema?: unknown;
  readonly data?: unknown;
}

/** How many fields or values a hint lists before it is no help. */
const LISTED_MAX = 12;

/** @param data the document the errors are about */
export function shapeFindings(errors: readonly SchemaError[], data: Value): readonly Finding[] {
  const findings: Finding[] = [];
  const judged = new Set<string>();
  const misspelt = new Set<string>();
  const looks = errors.filter((error) => misspeltLook(error, data) !== undefined);
  findings.push(...looks.flatMap((error) => misspeltLook(error, data) ?? []));
  const others = errors.filter(({ instancePath: at }) =>
    looks.every(({ instancePath }) => !`${at}/`.startsWith(`${instancePath}/`)),
  );
  for (const error of others) {
    if (error.keyword !== 'additionalProperties') continue;
    const { finding, meant } = unknownField(error, data);
    findings.push(finding);
    if (meant !== undefined) misspelt.add(`${error.instancePath}/${meant}`);
  }
  for (const error of [...others].sort(byWeight)) {
    const { instancePath, keyword, params } = error;
    if (error.propertyName !== undefined || FOLLOW_UPS.has(keyword)) continue;
    const path = pathOf(instancePath, data);
    if (keyword === 'required') {
      const name = String(params.missingProperty);
      if (!misspelt.has(`${instancePath}/${name}`)) findings.push(missingField(path, name));
    } else if (keyword === 'propertyNames') {
      findings.push(badName(path, String(params.propertyName), error));
    } else if (!judged.has(instancePath)) {
      judged.add(instancePath);
      findings.push(badValue(path, error));
    }
  }
  return findings;
}

/** Said already by another error, or by the first loop. */
const FOLLOW_UPS: ReadonlySet<string> = new Set(['additionalProperties', 'if', 'allOf']);
/** Of several errors about one value the first of these says most. */
const WEIGHTS: readonly string[] = ['type', 'enum', 'const', 'pattern'];

function byWeight(a: SchemaError, b: SchemaError): number {
  const weight = (error: SchemaError): number => {
    const at = WEIGHTS.indexOf(error.keyword);
    return at === -1 ? WEIGHTS.length : at;
  };
  return weight(a) - weight(b);
}

/** A JSON pointer as a path: only the data knows which steps are indexes. */
function pathOf(pointer: string, data: Value): Path {
  const path: (string | number)[] = [];
  let value: Value | undefined = data;
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(isSequence(value) ? Number(step) : step);
    value = entry(value, step);
  }
  return path;
}

function unknownField(
  error: SchemaError,
  data: Value,
): { finding: Finding; meant: string | undefined } {
  const path = pathOf(error.instancePath, data);
  const name = String(error.params.additionalProperty);
  const here = fieldsAt(data, path);
  const element = valueAt(data, path);
  const free = here.filter((field) => !(isMapping(element) && element.has(field)));
  const meant = meantField(name, free);
  const glued = gluedField(name, free);
  const finding: Finding = {
    rule: 'unknown-field',
    path: [...path, name],
    onKey: true,
    message: glued
      ? `the colon in "${name}" needs a blank behind it`
      : `"${name}" is not a field here`,
    ...hinted(
      glued
        ? `write ${glued.field}: ${glued.value}`
        : meant === undefined
          ? elsewhere(name, path, here, data)
          : `did you mean "${meant}"?`,
    ),
  };
  return { finding, meant };
}

/** Where a field that is none here would be one. */
function elsewhere(
  name: string,
  path: Path,
  here: readonly string[],
  data: Value,
): string | undefined {
  const under = fieldHolding(data, path, name);
  if (under !== undefined) return `"${name}" belongs under "${under}"`;
  const of = elementsHolding(data, path, name);
  if (of !== undefined) return `"${name}" belongs to one of the "${of}", below its name`;
  for (let up = path.length - 1; up >= Math.max(0, path.length - 2); up--) {
    if (!fieldsAt(data, path.slice(0, up)).includes(name)) continue;
    if (up === 0) return `"${name}" belongs at the top level`;
    return up === path.length - 1
      ? `"${name}" belongs one level up, beside "${path[up]}"`
      : `"${name}" belongs two levels up, beside "${path[up]}"`;
  }
  if (here.length === 0 || here.length > LISTED_MAX) return undefined;
  return `fields here: ${here.join(', ')}`;
}

/** A word of `expect` that is misspelt is read as the name of an exit, and what stands under it as its records. */
function misspeltLook({ keyword, instancePath }: SchemaError, data: Value): Finding | undefined {
  const path = pathOf(instancePath, data);
  const name = String(path.at(-1));
  if (keyword !== 'required' || path.at(-2) !== 'expect') return undefined;
  const meant = nearest(name, LOOKS);
  if (meant === undefined || valueAt(data, ['exits', name]) !== undefined) return undefined;
  const message = `"${name}" is not a field here`;
  const hint = `did you mean "${meant}"?`;
  return { rule: 'unknown-field', path, onKey: true, message, hint };
}

function missingField(path: Path, name: string): Finding {
  const of = path.length === 0 ? '' : ` of "${path.at(-1)}"`;
  return {
    rule: 'missing-field',
    path,
    onKey: true,
    message: `the field "${name}"${of} is missing`,
  };
}

function badName(path: Path, name: string, error: SchemaError): Finding {
  const [, noun = 'element'] = commentOf(error.schema);
  const base = { rule: 'bad-name', path: [...path, name], onKey: true };
  const reserved: readonly string[] =
    noun === 'exit' ? [...RESERVED_STREAMS, ...RESERVED_EXITS] : RESERVED_STREAMS;
  if (noun === 'field') return { ...base, ...badFieldName(name) };
  if (reserved.includes(name)) {
    return {
      ...base,
      message: `"${name}" means something of its own and cannot name ${article(noun)}`,
    };
  }
  const message = `"${name}" cannot name ${article(noun)}`;
  return { ...base, message, hint: nameHint(noun, name) };
}

function badFieldName(name: string): Pick<Finding, 'message' | 'hint'> {
  if (name === '') return { message: 'a field needs a name' };
  return { message: `"${name}" is a column every lane has`, hint: 'choose another name' };
}

/** @param written what stands there, if a name can be made of it */
function nameHint(noun: string, written = ''): string {
  if (noun === 'variable') return 'letters, digits and _, no digit first';
  const other = written.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  if (/^[a-z][a-z0-9_]{0,61}[a-z0-9]$/.test(other) && other !== written) return `write ${other}`;
  const signs = noun === 'vehicle' ? 'digits, _ and -' : 'digits and _';
  return `a name has small letters a-z, ${signs}, begins with a letter and is at most 63 long`;
}

function article(noun: string): string {
  if (noun === 'stream') return 'a lane or an operator';
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function badValue(path: Path, error: SchemaError): Finding {
  const { keyword, data, params } = error;
  const [slug, noun] = commentOf(error.parentSchema);
  const name = path.findLast((step) => typeof step === 'string') ?? 'the file';
  const shown = quote(data);
  if (path.length === 0) {
    return {
      rule: 'wrong-type',
      path,
      message: 'the file must hold named fields',
      hint: 'begin with "version: 1"',
    };
  }
  if (data === null)
    return {
      rule: 'wrong-type',
      path,
      onKey: true,
      message: `"${name}" has no value`,
      hint: 'write one behind it, or leave the line out',
    };
  if (typeof data === 'string' && /^\$\{/.test(data) && slug !== 'bad-address') {
    return { rule: 'bad-interpolation', path, message: `${shown} cannot stand here` };
  }
  const scalar = typeof data !== 'object';
  if (slug !== undefined && noun !== undefined && scalar) {
    if (slug === 'bad-name' && noun === 'field')
      return { rule: slug, path, ...badFieldName(String(data)) };
    if (slug === 'bad-name')
      return {
        rule: slug,
        path,
        message: `${shown} is no name`,
        hint: nameHint(noun, String(data)),
      };
    const hint = quantityHint(data, noun, error.parentSchema?.examples ?? []);
    return { rule: slug, path, message: `${shown} is not ${article(noun)}`, ...hinted(hint) };
  }
  // A number that may come from outside takes no text but a reference.
  const whole = keyword === 'pattern' && slug === undefined && error.parentSchema?.type;
  if (Array.isArray(whole) && whole.includes('integer')) {
    return wrongType(path, String(name), data, 'integer');
  }
  if (keyword === 'type') {
    return wrongType(path, String(name), data, params.type ?? [], error.parentSchema?.required);
  }
  if (keyword === 'const' && name === 'version') {
    return {
      rule: 'unsupported-version',
      path,
      message: `version ${shown} is not known`,
      hint: 'write "version: 1"',
    };
  }
  if (keyword === 'const') {
    const message = `"${name}" takes ${String(error.schema)} and nothing else`;
    return { rule: 'value-not-allowed', path, message, hint: `write ${name}: ${error.schema}` };
  }
  if (keyword === 'enum') return notListed(path, data, params.allowedValues ?? []);
  return { rule: 'value-not-allowed', path, message: limitWords(error, String(name)) };
}

function notListed(path: Path, data: unknown, allowed: readonly unknown[]): Finding {
  const values = allowed.map(String);
  if (path.at(-1) === 'window' && typeof data === 'string') {
    const size = parseDuration(data) === undefined ? '10s' : data;
    const message = `${quote(data)} does not say how the window goes on`;
    return { rule: 'value-not-allowed', path, message, hint: `write { tumble: ${size} }` };
  }
  const meant = typeof data === 'string' ? meantValue(data, values) : undefined;
  return {
    rule: 'value-not-allowed',
    path,
    message: `${quote(data)} is not one of ${values.join(', ')}`,
    ...hinted(meant === undefined ? undefined : `did you mean "${meant}"?`),
  };
}

/** The nearest, or the one that has the word in it: `json` for `ndjson`. */
function meantValue(data: string, values: readonly string[]): string | undefined {
  const inside = (value: string): boolean => data.length > 2 && value.includes(data.toLowerCase());
  return nearest(data, values) ?? values.find(inside);
}

function limitWords({ keyword, params }: SchemaError, name: string): string {
  const limit = String(params.limit);
  switch (keyword) {
    case 'minimum':
      return `"${name}" must be at least ${limit}`;
    case 'maximum':
      return `"${name}" must be at most ${limit}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return `"${name}" is empty`;
    case 'maxItems':
    case 'maxProperties':
      return `"${name}" takes no more than ${limit}`;
    case 'uniqueItems':
      return `"${name}" says something twice`;
    default:
      return `this is no value for "${name}"`;
  }
}

function commentOf(schema: unknown): readonly (string | undefined)[] {
  if (typeof schema !== 'object' || schema === null || !('$comment' in schema)) return [];
  return String(schema.$comment).split(' ');
}
