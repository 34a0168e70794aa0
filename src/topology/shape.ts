/**
 * Whether each value of a document has the shape that the language gives it. The validator is compiled when
 * the product is built and imports nothing; here its errors become findings at their places.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { inOrder } from '../diagnostics/order.ts';
import type { Finding, Path } from '../diagnostics/report.ts';
import type { Document } from './document.ts';
import { locate } from './locate.ts';
import { notYetSupported } from './not-yet-supported.ts';
import { type SchemaError, shapeFindings } from './shape-errors.ts';
import { toJson, type Value } from './value.ts';

interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

const compiled: { default: Validator } = await import(
  new URL('../../build/validator.js', import.meta.url).href
);

/**
 * All that is wrong with the shape, by path. Nothing is said about parts that YAML took apart.
 * @param data of the document, with what its references lead to
 */
export function findShape(
  document: Document,
  data: Value | undefined = document.data,
): readonly Finding[] {
  if (data === undefined) return [];
  const unclear = (path: Path): boolean => document.unclear.some((part) => within(path, part));
  const coming = notYetSupported(data).filter(({ covers }) => !unclear(covers));
  const covered = (path: Path): boolean => coming.some(({ covers }) => within(path, covers));
  // What is missing beside a field of the future may be what that field replaces.
  const beside = (path: Path): boolean =>
    coming.some(({ covers }) => covers.length === path.length + 1 && within(covers, path));
  const validate = compiled.default;
  const errors = validate(toJson(data)) ? [] : (validate.errors ?? []);
  const wrong = shapeFindings(errors, data).filter(
    ({ path, rule }) =>
      !unclear(path) && !covered(path) && !(rule === 'missing-field' && beside(path)),
  );
  return [...coming.map(({ finding }) => finding), ...wrong];
}

export function checkShape(document: Document): readonly Diagnostic[] {
  return inOrder(findShape(document).map((finding) => locate(document, finding, 'error')));
}

function within(path: Path, part: Path): boolean {
  return part.length <= path.length && part.every((step, index) => step === path[index]);
}
