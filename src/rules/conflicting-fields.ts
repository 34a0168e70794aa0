import { entry, isMapping } from '../topology/value.ts';
import { withLane } from './example.ts';
import { lanesIn, pathOf } from './lanes-in.ts';
import type { Rule, RuleContext } from './rule.ts';

export const conflictingFields: Rule = {
  slug: 'conflicting-fields',
  severity: 'error',
  explain: 'Two fields contradict each other, so one of them would have to be ignored.',
  wrong: withLane('listen: 7001, connect: "localhost:9999", codec: text'),
  right: withLane('connect: "localhost:9999", codec: text'),
  check,
};

function check({ data, report }: RuleContext): void {
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
    if (lane.get('codec') === 'text' && lane.has('fields')) {
      report({
        path: [...path, 'fields'],
        onKey: true,
        message: 'a text lane has one field, "line", and takes no others',
        hint: 'leave "fields" out, or write codec: ndjson',
      });
    }
    const fields = lane.get('fields');
    for (const [field, value] of isMapping(fields) ? fields : []) {
      const type = entry(value, 'type');
      if (entry(value, 'format') === undefined || typeof type !== 'string') continue;
      if (/\btimestamp\b/i.test(type)) continue;
      report({
        path: [...path, 'fields', field, 'format'],
        onKey: true,
        message: `"format" says how a timestamp is written, "${field}" is a ${type}`,
      });
    }
  }
}
