/** The story of the quickstart, told once more by DuckDB over the same files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { multiset, Oracle } from '../oracle/duckdb.ts';
import { take } from '../tools/drain.ts';
import { Place, type Product, root, until } from '../tools/product.ts';

let place: Place;
let product: Product | undefined;
afterEach(async () => {
  await product?.kill();
  place.remove();
});

test('what is held for the board is what DuckDB finds in the same files', async () => {
  const file = readFileSync(join(root, 'pipelines', 'quickstart.yaml'), 'utf8');
  // The board stays away, so that everything is still held.
  const absent = file
    .replace('    command: [node, vehicles/board.mjs]\n', '    env: {}\n')
    .replaceAll('vehicles/', `${join(root, 'pipelines', 'vehicles')}/`);
  place = new Place(absent);
  product = await place.run().ready();
  const status = await until(async () => {
    const now = await place.status();
    const left = now.vehicles.filter(({ state }) => state === 'left').length;
    return left === 2 && now.exits[0].held > 0 && now;
  });
  const rows = (await take(status.amqp, 'bad_weeks', status.exits[0].held)).map(({ body }) => {
    const row = Object(body);
    return {
      ...row,
      week: new Date(row.week).toISOString().slice(0, 10),
      average: row.average.toFixed(6),
    };
  });
  const oracle = await Oracle.open();
  const data = join(root, 'pipelines', 'data');
  const expected = await oracle.rows(`
    WITH late AS (
      SELECT origin, delay, time_bucket(INTERVAL 7 DAY, strptime(date, '%Y/%m/%d %H:%M'), TIMESTAMP '1970-01-01') AS week
      FROM read_json('${data}/flights-2k.json', columns = {date: 'VARCHAR', delay: 'BIGINT', origin: 'VARCHAR'})
      WHERE delay > 15
    ), weeks AS (
      SELECT week, origin, count(*) AS late, avg(delay) AS average, max(delay) AS worst
      FROM late GROUP BY week, origin HAVING count(*) >= 3
    )
    SELECT strftime(week, '%Y-%m-%d') AS week, name AS airport, state, late, printf('%.6f', average) AS average, worst
    FROM weeks JOIN read_csv('${data}/airports.csv', header = true, all_varchar = true) ON origin = iata`);
  oracle.close();
  expect(expected.length).toBeGreaterThan(10);
  expect(multiset(rows)).toEqual(multiset(expected));
});
