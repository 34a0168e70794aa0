/** Files of tables, as the commands see them that run no flow: `validate`, `test`, `try` and `plan`. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testFiles } from '../../src/cli/test.ts';
import { tryFlow } from '../../src/cli/try.ts';
import { validate } from '../../src/cli/validate.ts';
import { Product } from '../tools/product.ts';
import { memoryStreams } from '../tools/streams.ts';

const USERS = '{"uid":1,"name":"Ada"}\n{"uid":2,"name":"Bob"}\n';

function flow(file: string): string {
  return `version: 1
name: flow
http: false
vehicles:
  shop:
    lanes:
      bids: { listen: 0, fields: { id: long, bidder: long } }
operators:
  named: { type: lookup, from: bids, key: bidder, table: { file: "${file}", fields: { uid: long, name: string }, key: uid } }
exits:
  out: { from: named, for: shop }
tests:
  - name: a name is found
    steps:
      - feed: { bids: [{ id: 7, bidder: 2 }, { id: 8, bidder: 3 }] }
      - expect: { out: [{ id: 7, bidder: 2, name: Bob }] }
`;
}

let folder: string;
/** A topology over such a file, in a folder of its own. */
function written(name: string, file: string, content: string | undefined): string {
  const own = join(folder, name);
  mkdirSync(own);
  if (content !== undefined) writeFileSync(join(own, file), content);
  writeFileSync(join(own, 'flow.yaml'), flow(file));
  return join(own, 'flow.yaml');
}

let good: string;
let twice: string;
let missing: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundabout-tables-'));
  good = written('good', 'users.ndjson', USERS);
  twice = written('twice', 'users.ndjson', `${USERS}{"uid":2,"name":"Bo"}\n{"uid":"x"}\n`);
  missing = written('missing', 'users.ndjson', undefined);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function validated(...files: string[]) {
  const streams = memoryStreams('');
  const code = await validate(files, { format: 'gcc' }, streams);
  return { code, ...streams.printed };
}

describe('validate', () => {
  test('names what is wrong with the file, and the line of it', async () => {
    expect(await validated(good)).toMatchObject({ code: 0 });
    const { code, out } = await validated(twice, missing);
    expect(code).toBe(1);
    expect(out.trim().replaceAll(`${folder}/`, '').split('\n')).toEqual([
      'missing/flow.yaml:9:66: error: "users.ndjson" cannot be read: there is no such file [missing-file]',
      'twice/flow.yaml:9:66: error: users.ndjson:3: its key is that of line 2 [bad-table]',
      'twice/flow.yaml:9:66: error: users.ndjson:4: uid: "x" where a value of type long is wanted [bad-table]',
    ]);
  });

  test('looks at no file of elsewhere, also behind a link, and at none that the environment names', async () => {
    const secret = join(folder, 'secret.txt');
    writeFileSync(secret, 'a password\n');
    const outside = written('outside', 'none', undefined);
    symlinkSync(secret, join(folder, 'outside', 'link.ndjson'));
    for (const file of ['../secret.txt', secret, 'link.ndjson', `${'$'}{env:USERS_FILE}`]) {
      writeFileSync(outside, flow(file));
      expect(await validated(outside)).toMatchObject({ code: 0 });
    }
  });
});

describe('test', () => {
  const options = {
    filter: undefined,
    record: false,
    coverage: false,
    bail: false,
    format: 'human',
  } as const;

  test('reads the file beside the topology', async () => {
    const streams = memoryStreams('');
    expect(await testFiles([good], options, streams)).toBe(0);
    expect(streams.printed.out).toContain('1 passed, 0 failed');
  });

  test('runs nothing where the file is no table', async () => {
    const streams = memoryStreams('');
    expect(await testFiles([twice, missing], options, streams)).toBe(1);
    expect(streams.printed.out).toContain('its key is that of line 2');
    expect(streams.printed.out).toContain('there is no such file');
  });
});

describe('try', () => {
  test('looks up in the file, and ends where it is no table', async () => {
    const data = join(folder, 'bids.ndjson');
    writeFileSync(data, '{"id":7,"bidder":1}\n{"id":8,"bidder":4}\n');
    const settings = { limit: 20, format: 'table' } as const;
    const streams = memoryStreams('');
    expect(await tryFlow(good, [`bids=${data}`], settings, streams)).toBe(0);
    expect(streams.printed.out.split('\n')).toEqual([
      'out  1 record',
      '  id   bidder   name',
      '  7    1        Ada',
      '',
    ]);
    expect(await tryFlow(twice, [`bids=${data}`], settings, streams)).toBe(1);
    expect(streams.printed.err).toContain('its key is that of line 2');
  });
});

test('plan says what becomes of a lookup whose table or key is another one', async () => {
  const edited = join(folder, 'edited.yaml');
  const plan = async (text: string): Promise<string> => {
    writeFileSync(edited, text);
    const product = new Product(['plan', good, edited]);
    expect(await product.exited).toBe(0);
    return product.stdout;
  };
  const old = flow('users.ndjson');
  expect(await plan(old.replace('users.ndjson', 'people.ndjson'))).toContain(
    'operator named   rewired   table.file users.ndjson -> people.ndjson',
  );
  expect(await plan(old.replace('key: bidder', 'key: id'))).toContain(
    'operator named   rewired   key bidder -> id',
  );
  expect(await plan(old.replace('name: string', 'name: string, age: long'))).toContain(
    'operator named   rewired   table.fields.age long is new',
  );
});
