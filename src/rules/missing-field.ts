import { isCsvFile } from '../topology/build-table.ts';
import { meantField } from '../topology/meant-field.ts';
import { elements } from '../topology/read-value.ts';
import { entry, isMapping, type Mapping } from '../topology/value.ts';
import { withLane } from './example.ts';
import { lanesIn, pathOf, tablesIn } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const missingField: Rule = {
  slug: 'missing-field',
  severity: 'error',
  explain: 'The element cannot do without this field, and nothing could be assumed in its place.',
  wrong: withLane('listen: 7001'),
  right: withLane('listen: 7001, fields: { id: long }'),
  check,
};

/** What says when a program is started, or again, and is for nothing where none is. */
const OF_A_COMMAND = ['schedule', 'restart', 'wake'] as const;

function check(context: RuleContext): void {
  checkTables(context);
  const { data, report } = context;
  for (const [name, vehicle] of elements(entry(data, 'vehicles'))) {
    const path = ['vehicles', name];
    const field = OF_A_COMMAND.find((one) => vehicle.has(one));
    if (field !== undefined && !says(vehicle, 'command') && !says(vehicle, 'uses')) {
      report({
        path: [...path, field],
        onKey: true,
        message: `vehicle "${name}" has no "command", so there is nothing to start`,
        hint: `write command: [program, argument], or leave "${field}" out where it runs elsewhere`,
      });
    }
    const wake = vehicle.get('wake');
    if (isMapping(wake) && !says(wake, 'after_records') && !says(wake, 'after')) {
      report({
        path: [...path, 'wake'],
        onKey: true,
        message: `"wake" does not say what wakes "${name}"`,
        hint: 'write after_records: 500, after: 6h, or both: whichever comes first',
      });
    }
  }
  for (const { name, vehicle, lane, owner } of lanesIn(data)) {
    const path = pathOf(vehicle, name);
    const started = says(owner, 'command') || says(owner, 'uses');
    if (!says(lane, 'listen') && !says(lane, 'connect') && !started) {
      report({
        path: [...path, 'listen'],
        onKey: true,
        message: `lane "${name}" says neither "listen" nor "connect"`,
        hint: 'write listen: 7001 where the vehicle dials, connect: "host:port" where it listens',
      });
    }
    const codec = lane.get('codec') ?? 'ndjson';
    const misspelt = !lane.has('codec') && says(lane, 'codec');
    const apart = entry(codec, 'csv') !== undefined || entry(codec, 'pattern') !== undefined;
    const named = codec === 'ndjson' || codec === 'csv' || apart;
    if (named && !misspelt && !says(lane, 'fields')) {
      report({
        path: [...path, 'fields'],
        onKey: true,
        message: `lane "${name}" does not say which fields its records have`,
        hint: 'write fields: { id: long }, or codec: text for lines that are a text each',
      });
    }
  }
}

function checkTables({ data, report }: RuleContext): void {
  for (const { path, table } of tablesIn(data)) {
    const file = table.get('file');
    const codec = table.get('codec') ?? (isCsvFile(String(file)) ? 'csv' : 'ndjson');
    const misspelt = !table.has('codec') && says(table, 'codec');
    const named = codec === 'ndjson' || codec === 'csv' || entry(codec, 'csv') !== undefined;
    if (!named || misspelt || says(table, 'fields')) continue;
    report({
      path: [...path, 'fields'],
      onKey: true,
      message: 'the table does not say which fields its rows have',
      hint: 'write fields: { id: long }, or codec: text for lines that are no JSON',
    });
  }
}

/** It has the field, or one that was most likely meant to be it and has a finding of its own. */
function says(element: Mapping, field: string): boolean {
  return (
    element.has(field) || [...element.keys()].some((key) => meantField(key, [field]) === field)
  );
}
