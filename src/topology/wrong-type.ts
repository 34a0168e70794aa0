/** A value of another kind than its field takes: what it takes, what stands there, what to write instead. */
import type { Finding, Path } from '../diagnostics/report.ts';
import { hinted, quote } from './words.ts';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'named fields',
};

/**
 * @param wanted the types of JSON Schema that the field takes
 * @param required of named fields, those that must be there
 */
export function wrongType(
  path: Path,
  name: string,
  data: unknown,
  wanted: string | readonly string[],
  required: readonly string[] = [],
): Finding {
  const types = typeof wanted === 'string' ? [wanted] : wanted;
  const any = types.includes('string') && types.includes('number');
  const nouns = any ? ['one value'] : types.map((type) => NOUNS[type] ?? type);
  const found = Array.isArray(data)
    ? 'a list'
    : typeof data === 'object'
      ? 'named fields'
      : quote(data);
  const message = `"${name}" takes ${nouns.join(' or ')}, not ${found}`;
  const scalar = typeof data !== 'object';
  const textWanted = types.includes('string') && scalar;
  if (isBareInQuotes(types, data)) {
    const hint = `write it without quotes: ${data}`;
    return { rule: 'wrong-type', path, message, hint, fix: withoutQuotes };
  }
  return {
    rule: 'wrong-type',
    path,
    message,
    ...(textWanted ? { fix: (written) => `"${written}"` } : {}),
    ...hinted(
      textWanted
        ? `write it in quotes: "${String(data)}"`
        : (oneFieldHint(types, data, required) ?? formHint(types, name, data)),
    ),
  };
}

/** What was meant by one value, where only one field has to be there. */
function oneFieldHint(
  types: readonly string[],
  data: unknown,
  required: readonly string[],
): string | undefined {
  const isValue = typeof data === 'string' || typeof data === 'number';
  if (!isValue || required.length !== 1 || !types.includes('object')) return undefined;
  return `write { ${required[0]}: ${typeof data === 'string' ? JSON.stringify(data) : data} }`;
}

/** A number or a flag in quotes where a bare one belongs. */
function isBareInQuotes(types: readonly string[], data: unknown): data is string {
  if (typeof data !== 'string') return false;
  if (types.includes('boolean') && /^(?:true|false)$/.test(data)) return true;
  const number = types.includes('integer') || types.includes('number');
  return number && /^(?:0|[1-9][0-9]{0,14})$/.test(data);
}

function withoutQuotes(written: string): string | undefined {
  return /^(["'])([0-9]+|true|false)\1$/.exec(written)?.[2];
}

/** What to write where a list, named fields or one value was mixed up with another of them. */
function formHint(types: readonly string[], name: string, data: unknown): string | undefined {
  if (types.includes('array') && typeof data === 'string') return `write [${data}]`;
  if (types.includes('integer') && typeof data === 'string' && /^\d[\d_ ,']*$/.test(data)) {
    return `write ${data.replace(/\D/g, '')}`;
  }
  if (!Array.isArray(data)) return undefined;
  if (name === 'from') return 'write one name; an operator of type union reads several';
  const [first] = data;
  if (types.includes('string') && data.length === 1 && typeof first === 'string') {
    return `write ${first}`;
  }
  if (!types.includes('object')) return undefined;
  const names = data.every((one) => typeof one === 'string' && /^\w+$/.test(one));
  if (names && data.length > 0)
    return `write { ${data.map((one) => `${one}: ${one}`).join(', ')} }`;
  const pair = typeof first === 'string' ? /^(\w+)=(.*)$/.exec(first) : null;
  if (pair !== null) return `write { ${pair[1]}: ${pair[2]} }`;
  return `each has a name: write "${nameIn(first) ?? 'NAME'}:" where the "-" stands`;
}

/** `- name: orders` as other languages list elements. */
function nameIn(element: unknown): string | undefined {
  if (typeof element !== 'object' || element === null || !('name' in element)) return undefined;
  return typeof element.name === 'string' ? element.name : undefined;
}
