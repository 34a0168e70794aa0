/** From plain data to the model: defaults, units, order. */
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/diagnostics/report.ts';
import { typeText } from '../../src/stream/schema.ts';
import { buildTopology } from '../../src/topology/build.ts';
import { readDocument } from '../../src/topology/document.ts';
import { parseFieldType } from '../../src/topology/field-type.ts';
import { codecSchema, laneSchema } from '../../src/topology/schema-lane.ts';
import type { Topology } from '../../src/topology/topology.ts';

function build(text: string): { topology: Topology; findings: Finding[] } {
  const document = readDocument(text, 'test.yaml');
  const findings: Finding[] = [];
  const topology = buildTopology(document.data, (path) => document.source(path), {
    add: (finding) => findings.push(finding),
  });
  return { topology, findings };
}

function lane(fields: string) {
  const { topology, findings } = build(`vehicles: { v: { lanes: { l: { ${fields} } } } }\n`);
  const found = topology.lanes.get('l');
  if (found === undefined) throw new Error('there is no lane');
  return { lane: found, findings };
}

describe('buildTopology', () => {
  test('fills in what the author left out', () => {
    const { topology } = build('name: x\n');
    expect(topology).toEqual({
      name: 'x',
      description: null,
      params: new Map(),
      amqp: { listen: { host: '127.0.0.1', port: 5672 } },
      state: { dir: null, durability: 'disk' },
      vehicles: new Map(),
      lanes: new Map(),
      operators: new Map(),
      exits: new Map(),
      deadLetter: {
        address: 'dead_letter',
        for: [],
        hold: { ttl: null, maxBytes: 1024 ** 3, maxRecords: null },
      },
    });
    expect(lane('codec: text').lane).toEqual({
      name: 'l',
      vehicle: 'v',
      listen: { host: '127.0.0.1', port: 0 },
      connect: null,
      retry: { initial: 1_000_000, max: 30_000_000 },
      codec: {
        kind: 'text',
        field: expect.objectContaining({ name: 'line' }),
        separator: '\n',
      },
      fields: [],
      required: [],
      eventTime: null,
      limits: { maxLine: 1024 * 1024, maxConnections: 64, idle: null },
      atEnd: 'wait',
      lateTo: null,
      unknownFields: 'ignore',
      badRecord: 'dead_letter',
      was: null,
    });
    const { topology: exits } = build('exits: { e: { from: a } }\n');
    expect(exits.exits.get('e')).toEqual({
      name: 'e',
      from: 'a',
      address: 'e',
      broker: null,
      properties: new Map(),
      subject: null,
      for: [],
      format: 'map',
      fields: null,
      hold: {
        ttl: null,
        maxBytes: 1024 ** 3,
        maxRecords: null,
        onFull: 'block',
        keep: 'all',
        key: [],
      },
      delivery: { durable: true, maxDeliveries: 10, maxUnsettled: 1024 },
      was: null,
    });
  });

  test('fills in the defaults that the schema tells', () => {
    const { connect, event_time: time, limits } = laneSchema.properties;
    const { initial, max } = connect.then.properties.retry.properties;
    const { max_delay: delay, idle_timeout: timeout } = time.then.properties;
    const { max_line: line, max_connections: connections, idle } = limits.properties;
    const short = lane('connect: { address: "h:1" }, fields: { a: timestamp }, event_time: a');
    const long = lane(
      `connect: { address: "h:1", retry: { initial: ${initial.default}, max: ${max.default} } }, ` +
        'fields: { a: timestamp }, ' +
        `event_time: { field: a, max_delay: ${delay.default}, idle_timeout: ${timeout.default} }, ` +
        `limits: { max_line: ${line.default}, max_connections: ${connections.default}, idle: ${idle.default} }`,
    );
    expect(short).toEqual(long);
    expect(long.findings).toEqual([]);
  });

  test('fills in the defaults of codecs that the schema tells', () => {
    const { csv, text } = codecSchema.else.properties;
    const fields = 'fields: { a: { type: long, source: "x.y (EUR)" } }';
    const short = lane(`codec: csv, ${fields}`);
    const settings = Object.entries(csv.properties).flatMap(([name, shape]) =>
      'default' in shape ? [`${name}: ${JSON.stringify(shape.default)}`] : [],
    );
    expect(lane(`codec: { csv: { ${settings.join(', ')} } }, ${fields}`)).toEqual(short);
    expect(short.findings).toEqual([]);
    expect(short.lane.codec).toEqual({
      kind: 'csv',
      columns: null,
      delimiter: ',',
      quote: '"',
      null: '',
    });
    expect(short.lane.fields[0].sources).toEqual([['x.y (EUR)']]);
    const columns = Array.from({ length: 1025 }, (_, i) => (i === 0 ? '"x.y (EUR)"' : `c${i}`));
    const many = lane(`codec: { csv: { header: false, columns: [${columns}] } }, ${fields}`);
    expect(many.findings.map(({ message }) => message)).toEqual([
      '1025 columns are too many; the limit is 1024',
    ]);
    const { field, separator } = text.properties;
    const long = `field: ${field.default}, separator: ${JSON.stringify(separator.default)}`;
    expect(lane(`codec: { text: { ${long} } }`)).toEqual(lane('codec: text'));
  });

  test('reads units and addresses', () => {
    const { lane: one, findings } = lane(
      'listen: "[::1]:7001", fields: { a: { type: timestamp, source: x.y, format: epoch_s } }, ' +
        'event_time: { field: a, max_delay: 1m30s, idle_timeout: never }, limits: { max_line: 64KiB }',
    );
    expect(findings).toEqual([]);
    expect(one.listen).toEqual({ host: '::1', port: 7001 });
    expect(one.limits.maxLine).toBe(65_536);
    expect(one.eventTime).toEqual({ field: 'a', maxDelay: 90_000_000, idleTimeout: null });
    expect(one.fields[0]).toEqual({
      name: 'a',
      type: { kind: 'timestamp' },
      sources: [['x', 'y']],
      format: 'epoch_s',
      pattern: null,
      expression: null,
    });
    expect(lane('connect: "host:9"').lane).toMatchObject({
      listen: null,
      connect: { host: 'host', port: 9 },
    });
  });

  test('puts elements in order of name and leaves fields in theirs', () => {
    const { topology } = build(`
operators: { z: { type: select, from: l, fields: { b: 1, a: 2 } }, a: { type: filter, from: z, where: true } }
vehicles: { w: {}, v: { lanes: { l: { codec: ndjson, fields: { z: long, a: long } } } } }
`);
    expect([...topology.operators.keys()]).toEqual(['a', 'z']);
    expect([...topology.vehicles.keys()]).toEqual(['v', 'w']);
    expect(topology.lanes.get('l')?.fields.map((field) => field.name)).toEqual(['z', 'a']);
    const fields = topology.operators.get('z')?.spec.get('fields');
    expect([...((fields ?? new Map()) as Map<string, unknown>)]).toEqual([
      ['b', '1'],
      ['a', '2'],
    ]);
  });

  test('keeps a literal in the place of an expression as it was written', () => {
    const { topology } = build(
      'operators: { a: { type: select, from: l, fields: { a: 1.0, b: 1e3, c: True, d: 0x10, e: -5, f: "1.0" } } }\n',
    );
    const fields = topology.operators.get('a')?.spec.get('fields');
    expect([...((fields ?? new Map()) as Map<string, unknown>).values()]).toEqual([
      '1.0',
      '1e3',
      'true',
      '16',
      '-5',
      '1.0',
    ]);
  });

  test('an operator of window fields in another order is the same operator', () => {
    const one = build(
      'operators: { a: { type: aggregate, window: { tumble: 1m, offset: 1s } } }\n',
    );
    const two = build(
      'operators: { a: { window: { offset: 1s, tumble: 1m }, type: aggregate } }\n',
    );
    expect(JSON.stringify([...(one.topology.operators.get('a')?.spec ?? [])].map(pairs))).toBe(
      JSON.stringify([...(two.topology.operators.get('a')?.spec ?? [])].map(pairs)),
    );
  });

  test('leaves notes out', () => {
    const { topology } = build(
      'operators: { a: { type: aggregate, x_why: because, window: { tumble: 1m, x_a: 1 } } }\n',
    );
    const spec = topology.operators.get('a')?.spec;
    expect([...(spec?.keys() ?? [])]).toEqual(['window']);
    expect([...((spec?.get('window') ?? new Map()) as Map<string, unknown>).keys()]).toEqual([
      'tumble',
    ]);
  });

  test('reads what has the wrong shape as absent', () => {
    const { topology, findings } = build(
      'name: 5\nvehicles: [a]\noperators: { a: 5, b: { from: 7 } }\nexits: { e: { for: {} } }\n',
    );
    expect(findings).toEqual([]);
    expect(topology.name).toBe('');
    expect([...topology.operators.keys()]).toEqual(['b']);
    expect(topology.operators.get('b')?.from).toEqual([]);
  });

  test('reports fields that a lane names but does not have, once each', () => {
    const slugs = (fields: string): string[] => lane(fields).findings.map(({ rule }) => rule);
    expect(slugs('fields: { a: int }, event_time: a, required: [a]')).toEqual([
      'value-not-allowed',
    ]);
    expect(slugs('fields: { a: long }, event_time: a')).toEqual(['type-mismatch']);
    expect(slugs('fields: { a: long }, event_time: b, required: [c]')).toEqual([
      'unknown-column',
      'unknown-column',
    ]);
    expect(slugs('fields: { a: long }, event_time: arrival')).toEqual([]);
    expect(slugs('fields: { a: "map<string, long>" }')).toEqual(['not-yet-supported']);
  });
});

function pairs([key, value]: [string, unknown]): unknown {
  return [key, value instanceof Map ? [...value] : value];
}

describe('parseFieldType', () => {
  test.each([
    ['long', 'long'],
    [' STRING ', 'string'],
    ['array<array<double>>', 'array<array<double>>'],
    [
      'struct<a: long, b: array<struct<c: timestamp>>>',
      'struct<a: long, b: array<struct<c: timestamp>>>',
    ],
    ['Struct< `a b` :boolean >', 'struct<a b: boolean>'],
  ])('reads %s', (text, expected) => {
    const parsed = parseFieldType(text);
    expect('type' in parsed ? typeText(parsed.type) : parsed).toBe(expected);
  });

  test.each([
    ['int', '"int" is not a type', 'did you mean "long"?'],
    ['strnig', '"strnig" is not a type', 'did you mean "string"?'],
    ['array', '"array" needs what it holds', 'write "array<string>"'],
    ['array<long', '"array<long" lacks a ">"', undefined],
    ['long long', '"long long" goes on behind its type', undefined],
    ['struct<a>', 'a field of the struct has no "name: type"', 'write "struct<name: string>"'],
    ['struct<a: long, a: long>', 'the struct has two fields "a"', undefined],
    ['', 'a type is missing in ""', undefined],
    ['array<'.repeat(40), 'the type is nested too deep', undefined],
  ])('refuses %s', (text, problem, hint) => {
    const parsed = parseFieldType(text);
    expect(parsed).toEqual(hint === undefined ? { problem } : { problem, hint });
  });
});
