/** References to the environment and to files: what they become, and where they are never shown. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { validateText } from '../../src/rules/validate.ts';
import { assignIds, fromCanonical, toCanonical } from '../../src/topology/canonical.ts';
import { changesOf } from '../../src/topology/changes.ts';
import type { World } from '../../src/topology/interpolate.ts';
import { planTopology } from '../../src/topology/planner.ts';
import { reveal } from '../../src/topology/secret.ts';

const VALUE = 'open sesame';
const quoted = (text: string): string => JSON.stringify(text);
const ref = (inner: string): string => `${'$'}{${inner}}`;
const env = (inner: string): string => quoted(ref(`env:${inner}`));

function world(env: Readonly<Record<string, string>> = {}): World {
  return {
    env: (name) => env[name],
    file: (path) => (path === 'keys/shop' ? { text: VALUE } : { problem: 'there is no such file' }),
  };
}

function file(fields: Readonly<Record<string, string>> = {}): string {
  const {
    listen = '7001',
    secret = quoted(ref('file:keys/shop')),
    mode = 'plain',
    delay = '5s',
    most = '2',
    dir = 'state',
    limit = '3',
  } = fields;
  return `version: 1
name: outside
params:
  limit: { type: long, value: ${limit} }
state: { dir: ${dir} }
vehicles:
  shop:
    secret: ${secret}
    env: { MODE: ${mode} }
    command: [run]
    lanes:
      orders:
        listen: ${listen}
        fields: { id: long, at: timestamp }
        event_time: { field: at, max_delay: ${delay} }
        limits: { max_connections: ${most} }
operators:
  large: { type: filter, from: orders, where: id > params.limit }
exits:
  results: { from: large, for: shop }
`;
}

function read(fields: Readonly<Record<string, string>>, outside?: World) {
  const found = validateText(
    file(fields),
    'outside.yaml',
    outside === undefined ? {} : { world: outside },
  );
  const problems = found.findings
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, at, message }) => `${rule} ${at.line}:${at.column} ${message}`);
  return { ...found, problems };
}

function topologyOf(fields: Readonly<Record<string, string>>, outside: World) {
  const { topology, problems } = read(fields, outside);
  expect(problems).toEqual([]);
  if (topology === undefined) throw new Error('there is no topology');
  return topology;
}

describe('a reference', () => {
  test('that is all of a scalar is read as what the field takes', () => {
    const all = {
      listen: env('A'),
      delay: env('B'),
      most: env('C'),
      limit: env('D'),
      dir: env('E:-here'),
    };
    const { lanes, params, state } = topologyOf(
      all,
      world({ A: '[::1]:7005', B: '1h30m', C: '9', D: '-4' }),
    );
    const lane = lanes.get('orders');
    expect(lane?.listen).toEqual({ host: '::1', port: 7005 });
    expect(lane?.eventTime?.maxDelay).toBe(5_400_000_000);
    expect(lane?.limits.maxConnections).toBe(9);
    expect(params.get('limit')?.value).toBe(-4);
    expect(state.dir).toBe('here');
  });

  test.each<[string, string, string]>([
    ['a part of a text', `${ref('env:A')}/b/${ref('env:A')}`, 'x/b/x'],
    ['escaped', `$${ref('env:A')}`, ref('env:A')],
    ['with a default that is not needed', ref('env:A:-y'), 'x'],
    ['with a default for an empty variable', ref('env:EMPTY:-y'), 'y'],
    ['to an empty variable', `s${ref('env:EMPTY')}`, 's'],
    ['with an empty default', `s${ref('env:NONE:-')}`, 's'],
  ])('may be %s', (_, written, expected) => {
    const { state } = topologyOf({ dir: quoted(written) }, world({ A: 'x', EMPTY: '' }));
    expect(state.dir).toBe(expected);
  });

  test('cannot add anything to the document, whatever its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const { topology } = read({ dir: env('A') }, world({ A: value }));
        // Only the shape of that one field can be wrong.
        if (topology !== undefined) expect(topology.state.dir).toBe(value);
        expect(read({ dir: env('A') }, world({ A: value })).problems.length).toBeLessThan(2);
      }),
    );
  });

  test.each<[string, Readonly<Record<string, string>>, string[]]>([
    ['is not set', { dir: env('NONE') }, [`env-undefined 5:16 "${ref('env:NONE')}" is not set`]],
    [
      'has another form',
      { dir: quoted(`x/${ref('HOME')}`) },
      [`bad-interpolation 5:18 "${ref('HOME')}" is no reference`],
    ],
    [
      'is not closed',
      { dir: quoted(ref('env:HOME').slice(0, -1)) },
      [`bad-interpolation 5:16 "${ref('env:HOME').slice(0, -1)}" is no reference`],
    ],
    [
      'leads to a file that is not there',
      { secret: quoted(ref('file:keys/other')) },
      [`missing-file 8:14 "${ref('file:keys/other')}" cannot be read: there is no such file`],
    ],
    [
      'leads to an empty secret',
      { secret: env('EMPTY') },
      [`env-undefined 8:13 "${ref('env:EMPTY')}" is empty`],
    ],
    [
      'leads to a file where its value would be shown',
      { dir: quoted(ref('file:keys/shop')) },
      [`bad-interpolation 5:16 "${ref('file:keys/shop')}" is a value of a file`],
    ],
    [
      'has a value that the field does not take',
      { delay: env('A') },
      ['bad-quantity 15:45 "soon" is not a duration'],
    ],
    ['stands in an expression', { limit: '3 }\n  other: { type: string, value: "a"' }, []],
  ])('that %s is a finding at its place', (_, fields, expected) => {
    const { problems } = read(fields, world({ A: 'soon', EMPTY: '' }));
    expect(problems).toHaveLength(expected.length);
    problems.forEach((problem, i) => {
      expect(problem).toContain(expected[i]);
    });
  });

  test('is not followed while the file is only checked', () => {
    const unset = {
      listen: env('A'),
      delay: env('B'),
      most: env('C'),
      limit: env('D'),
      dir: env('E'),
    };
    const never: World = {
      env: () => {
        throw new Error('it was looked at');
      },
      file: () => {
        throw new Error('it was looked at');
      },
    };
    expect(read(unset).problems).toEqual([]);
    expect(() => read(unset, never)).toThrow('it was looked at');
  });
});

describe('a secret', () => {
  const outside = world({ MODE: VALUE });
  const fields = { mode: env('MODE') };

  test('is known to who asks for it', () => {
    const shop = topologyOf(fields, outside).vehicles.get('shop');
    const mode = shop?.env.get('MODE');
    expect(shop?.secret && reveal(shop.secret)).toBe(VALUE);
    expect(typeof mode === 'object' && reveal(mode)).toBe(VALUE);
  });

  test('is nowhere in what is committed, compared, printed or found', () => {
    const topology = topologyOf(fields, outside);
    const ids = assignIds(topology, (bytes) => new Uint8Array(bytes));
    const text = toCanonical(topology, ids);
    expect(text).toContain('{file:keys/shop}');
    const version = { topology, plan: planTopology(topology, ids) };
    const other = topologyOf({}, outside);
    const changes = changesOf(version, { ...version, topology: other });
    expect(JSON.stringify(changes)).toContain(`env.MODE ${ref('env:MODE')} -> plain`);
    const shown = [
      text,
      JSON.stringify(changes),
      inspect(topology, { depth: 20, showHidden: true }),
      JSON.stringify(read({ ...fields, listen: 'nowhere' }, outside).findings),
    ];
    for (const one of shown) expect(one).not.toContain(VALUE);
  });

  test('has no value in what comes back from the log', () => {
    const topology = topologyOf(fields, outside);
    const back = fromCanonical(
      toCanonical(
        topology,
        assignIds(topology, (bytes) => new Uint8Array(bytes)),
      ),
    );
    expect(back.topology).toEqual(topology);
    const secret = back.topology.vehicles.get('shop')?.secret;
    expect(secret && reveal(secret)).toBeUndefined();
  });
});
