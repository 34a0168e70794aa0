import type { Path } from '../diagnostics/report.ts';
import { LINE } from '../topology/build-codec.ts';
import { elements } from '../topology/read-value.ts';
import { entry, isMapping, type Mapping, type Value } from '../topology/value.ts';
import { withLane } from './example.ts';
import { lanesIn, pathOf, tablesIn } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const conflictingFields: Rule = {
  slug: 'conflicting-fields',
  severity: 'error',
  explain: 'Two fields contradict each other, so one of them would have to be ignored.',
  wrong: withLane('listen: 7001, connect: "localhost:9999", codec: text'),
  right: withLane('connect: "localhost:9999", codec: text'),
  check,
};

function check(context: RuleContext): void {
  checkTables(context);
  const { data, report } = context;
  for (const [name, vehicle] of elements(entry(data, 'vehicles'))) {
    const other = ['schedule', 'wake'].find((field) => vehicle.has(field));
    if (other === undefined || entry(vehicle.get('restart'), 'policy') !== 'always') continue;
    report({
      path: ['vehicles', name, 'restart', 'policy'],
      message: `"${name}" would never come to rest, and "${other}" says when it begins`,
      hint: 'write on_failure',
      related: [{ path: ['vehicles', name, other], message: 'begins by this' }],
    });
  }
  for (const { name, vehicle, lane } of lanesIn(data)) {
    const path = pathOf(vehicle, name);
    if (lane.has('listen') && lane.has('connect')) {
      report({
        path: [...path, 'connect'],
        onKey: true,
        message: `lane "${name}" cannot both listen and connect`,
        hint: 'keep "listen" if the vehicle dials, "connect" if it listens',
        related: [{ path: [...path, 'listen'], message: 'listens here' }],
      });
    }
    const fields = lane.get('fields');
    const all = isMapping(fields) ? [...fields] : [];
    const line = lineOf(lane.get('codec'));
    if (line !== undefined) {
      textFields(lane, all, line, path, report);
      if (lane.get('unknown_fields') === 'reject') {
        report({
          path: [...path, 'unknown_fields'],
          onKey: true,
          message: 'a line of text is one field, so none can be unknown',
        });
      }
    }
    for (const [field, value] of all) {
      for (const other of ['source', 'format']) {
        if (entry(value, 'expression') === undefined || entry(value, other) === undefined) continue;
        report({
          path: [...path, 'fields', field, other],
          onKey: true,
          message: `"${field}" is computed, so it has no "${other}" in the input`,
          related: [{ path: [...path, 'fields', field, 'expression'], message: 'computed here' }],
        });
      }
      if (entry(value, 'expression') !== undefined) continue;
      formatOf(field, value, [...path, 'fields', field], report);
    }
  }
}

function checkTables({ data, report }: RuleContext): void {
  for (const { path, table } of tablesIn(data)) {
    const fields = table.get('fields');
    for (const [field, value] of isMapping(fields) ? fields : []) {
      formatOf(field, value, [...path, 'fields', field], report);
    }
    const line = lineOf(table.get('codec'));
    if (line === undefined || !table.has('fields')) continue;
    report({
      path: [...path, 'fields'],
      onKey: true,
      message: `a text table has one field, "${line}", and takes no others`,
      hint: 'leave "fields" out, or write codec: ndjson',
    });
  }
}

/** How a timestamp is written says nothing of another type. */
function formatOf(field: string, value: Value, path: Path, report: RuleContext['report']): void {
  const type = entry(value, 'type');
  if (entry(value, 'format') === undefined || typeof type !== 'string') return;
  if (/\btimestamp\b/i.test(type)) return;
  report({
    path: [...path, 'format'],
    onKey: true,
    message: `"format" says how a timestamp is written, "${field}" is a ${type}`,
  });
}

/** @returns the name of a text lane's own field; undefined: it is no text lane */
function lineOf(codec: Value | undefined): string | undefined {
  if (codec === 'text') return LINE;
  const settings = entry(codec, 'text');
  if (settings === undefined) return undefined;
  const field = entry(settings, 'field');
  return typeof field === 'string' ? field : LINE;
}

/** A text lane has one field of its own, the line, and what is computed from it. */
function textFields(
  lane: Mapping,
  fields: readonly (readonly [string, Value])[],
  line: string,
  path: Path,
  report: RuleContext['report'],
): void {
  const computed = (value: Value): boolean => entry(value, 'expression') !== undefined;
  if (lane.has('fields') && !fields.some(([, value]) => computed(value))) {
    report({
      path: [...path, 'fields'],
      onKey: true,
      message: `a text lane has one field, "${line}", and takes no others`,
      hint: 'leave "fields" out, compute them with "expression", or write codec: ndjson',
    });
    return;
  }
  for (const [name, value] of fields) {
    if (computed(value) && name !== line) continue;
    report({
      path: [...path, 'fields', name],
      onKey: true,
      message:
        name === line
          ? `"${line}" is the text itself and cannot be another field`
          : `a text lane has one field, "${line}", so "${name}" must be computed from it`,
      hint: name === line ? 'choose another name' : 'give it an "expression"',
    });
  }
}
