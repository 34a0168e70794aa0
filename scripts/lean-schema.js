/**
 * A schema made smaller for the compiler: without what is only said to people, and with each larger shape once. The
 * compiled text is read at every start of a command.
 */

/** What a shape says to editors and in the reference: no error is worded by it, and all of it would be read at every start. */
const SPOKEN = new Set(['title', 'description', 'default', 'writeOnly', '$schema']);

/** @param {any} shape @returns {any} the same without what is not judged */
export function lean(shape) {
  if (Array.isArray(shape)) return shape.map(lean);
  if (typeof shape !== 'object' || shape === null) return shape;
  const kept = Object.entries(shape).filter(
    // Examples become hints where a value has a form of its own.
    ([key]) => !SPOKEN.has(key) && (key !== 'examples' || shape.$comment !== undefined),
  );
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, NAMED.has(key) ? named(inner) : lean(inner)]),
  );
}

/** Below these stand names of fields, and no keywords. */
const NAMED = new Set(['properties', 'patternProperties']);

/** @param {object} fields */
function named(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, lean(inner)]));
}

/** Shapes from this size on that stand in several places become one. */
const SHARED_MIN = 300;

/** @param {any} schema @returns {any} the same with a definition for every larger shape that stands in several places */
export function shared(schema) {
  const counts = new Map();
  walk(schema, (shape) => {
    const text = JSON.stringify(shape);
    if (text.length >= SHARED_MIN) counts.set(text, (counts.get(text) ?? 0) + 1);
    return shape;
  });
  const names = new Map();
  const definitions = {};
  const refer = (shape) => {
    const text = JSON.stringify(shape);
    if ((counts.get(text) ?? 0) < 2) return shape;
    let name = names.get(text);
    if (name === undefined) {
      name = `s${names.size}`;
      names.set(text, name);
      definitions[name] = inside(shape, refer);
    }
    return { $ref: `#/definitions/${name}` };
  };
  return { ...inside(schema, refer), definitions };
}

/** Keywords below which shapes stand. */
const LISTS = new Set(['allOf', 'anyOf']);
const SINGLE = new Set([
  'items',
  'additionalProperties',
  'propertyNames',
  'if',
  'then',
  'else',
  'not',
]);

/** @param {any} shape @param {(shape: any) => any} visit is asked before what is inside */
function walk(shape, visit) {
  visit(shape);
  inside(shape, (inner) => {
    if (typeof inner === 'object') walk(inner, visit);
    return inner;
  });
}

/** @param {any} shape @param {(shape: any) => any} change @returns {any} the shape with those directly inside changed */
function inside(shape, change) {
  if (typeof shape !== 'object' || shape === null) return shape;
  const deep = (inner) => (typeof inner === 'object' ? descend(inner, change) : inner);
  return Object.fromEntries(
    Object.entries(shape).map(([key, inner]) => {
      if (SINGLE.has(key)) return [key, deep(inner)];
      if (LISTS.has(key)) return [key, inner.map(deep)];
      if (!NAMED.has(key)) return [key, inner];
      return [
        key,
        Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, deep(one)])),
      ];
    }),
  );
}

/** Changed itself, or else within. */
function descend(shape, change) {
  const changed = change(shape);
  return changed === shape ? inside(shape, change) : changed;
}
