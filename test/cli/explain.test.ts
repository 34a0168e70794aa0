/** `explain`: words of the language, and elements of a file read aloud. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { explain } from '../../src/cli/explain.ts';
import { operators } from '../../src/operators/index.ts';
import { rules } from '../../src/rules/index.ts';
import { fieldList } from '../../src/topology/field-list.ts';
import { Place, root } from '../tools/product.ts';
import { capture } from '../tools/streams.ts';

function said(what: string, name?: string, format: 'human' | 'json' = 'human'): string {
  const { streams, printed } = capture();
  expect(explain(what, name, { format }, streams)).toBe(0);
  return printed.out;
}

/** The sentences under a label of an element in JSON. */
function sentences(file: string, name: string, label: string, kind = 'operator'): string[] {
  return said(file, name, 'json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ element }) => element === kind)
    .flatMap(({ paragraphs }) => paragraphs)
    .filter((paragraph) => paragraph.label === label)
    .flatMap((paragraph) => paragraph.sentences);
}

function withFile(text: string, look: (file: string) => void): void {
  const place = new Place(text);
  try {
    look(place.file);
  } finally {
    place.remove();
  }
}

test('signs that cannot be seen are shown as they are written', () => {
  expect(said('vehicles.lanes.codec.text.separator')).toContain('  default   "\\n"\n');
});

const SHOP = `version: 1
name: shop
vehicles:
  north: { lanes: { a: { listen: 0, fields: { id: long, region: string, amount: double, at: timestamp }, required: [id], event_time: { field: at, max_delay: 25m } } } }
  south: { lanes: { b: { listen: 0, fields: { id: long, region: string, amount: double, at: timestamp }, required: [id], event_time: at } } }
  till: {}
operators:
  all: { type: union, from: [a, b], description: Both shops as one }
  sorted: { type: route, from: all, routes: { large: amount > 100 } }
  eur: { type: select, from: sorted.large, fields: { eur: amount * 2 }, keep: all }
  words: { type: explode, from: sorted.rest, each: "split(region, ' ')", as: word }
  sums: { type: aggregate, from: eur, window: { tumble: 10m }, group_by: region, fields: { total: sum(eur) }, late_to: tardy }
exits:
  sums: { from: sums, for: till }
  words: { from: words, for: till }
  tardy: { from: tardy, for: till }
`;

test('nothing is said to be late of what reads late records', () => {
  const text = `version: 1
name: late
vehicles:
  v: { lanes: { a: { listen: 0, fields: { id: long, at: timestamp }, event_time: at, late_to: slow } } }
operators:
  n: { type: aggregate, from: slow, retention: forever, fields: { n: count(*) } }
  t: { type: top, from: slow, retention: forever, order_by: id, limit: 1 }
exits:
  n: { from: n, for: v }
  t: { from: t, for: v }
`;
  withFile(text, (file) => {
    for (const name of ['n', 't']) {
      expect(sentences(file, name, 'does').at(-1)).toBe(
        'Nothing is late: every record counts, whenever it comes.',
      );
    }
  });
});

describe('explain a word', () => {
  test('every rule tells what it is about and shows both sides', () => {
    for (const { slug, explain: words } of rules) {
      const text = said(slug);
      expect(text).toContain(words);
      expect(text).toContain('Wrong:');
      expect(text).toContain('Right:');
    }
  });

  test('every field of the language is found by its path', () => {
    for (const { path, title } of fieldList()) {
      expect(said(path.join('.'))).toContain(`${title}. `);
    }
  });

  test('the end of a path is enough; several fields of one end are all told', () => {
    expect(said('delivery.max_unsettled')).toContain('default   1024');
    expect(said('hold.ttl')).toMatch(/exits\.hold\.ttl[\s\S]*dead_letter\.hold\.ttl/);
    expect(said('on_full')).toContain('is a field of several elements');
  });

  test('functions and aggregates show a call', () => {
    expect(said('date_trunc')).toContain('gives');
    expect(said('count')).toContain('count(*)');
  });

  test('a word that nobody knows is told with the nearest one that is', () => {
    const { streams } = capture();
    const asked = () => explain('dangling-referense', undefined, { format: 'human' }, streams);
    expect(asked).toThrow(expect.objectContaining({ hint: 'did you mean "dangling-reference"?' }));
  });
});

describe('explain an element of a file', () => {
  test('a lane says what a line is, what becomes of a bad one, and where late records go', () => {
    const lane = (settings: string): string =>
      SHOP.replace('b: { listen: 0,', `b: { listen: 0, ${settings},`);
    const cells = 'codec: { csv: { header: false, columns: [id, region, amount, at] } }';
    const strict = `${cells}, unknown_fields: reject, bad_record: stop, late_to: behind`;
    const text = lane(strict).replace('exits:', 'exits:\n  behind: { from: behind, for: till }');
    withFile(text, (file) => {
      expect(sentences(file, 'b', 'reads', 'lane')).toEqual([
        expect.stringContaining(
          'Every line is one record in cells (CSV); its columns are id, region, amount and at.',
        ),
        'One with fields that are not listed is no record.',
        'A line that is no record is held at the dead letter, with the reason, and the runner ends.',
      ]);
      expect(sentences(file, 'b', 'time', 'lane')).toContain(
        'Late records leave on behind and nowhere else.',
      );
      expect(sentences(file, 'behind', 'gives', 'lane')[1]).toBe(
        'behind: id long (never NULL), region string, amount double, at timestamp, _late_by interval (never NULL).',
      );
    });
    withFile(lane('codec: csv, bad_record: close'), (file) => {
      const [first, bad] = sentences(file, 'b', 'reads', 'lane');
      expect(first).toContain('the first line of each connection names its columns.');
      expect(bad).toContain('and its connection is closed.');
    });
  });

  test('each operator says what it does with what it reads', () => {
    expect(operators.filter((one) => one.describe === undefined).map(({ type }) => type)).toEqual(
      [],
    );
    withFile(SHOP, (file) => {
      expect(sentences(file, 'all', 'does')).toEqual([
        'Passes on every record of a and b, as one stream of the same fields.',
      ]);
      expect(sentences(file, 'all', 'is')).toEqual(['Both shops as one']);
      expect(sentences(file, 'sorted', 'does')).toContain(
        'sorted.large has those where amount > 100.',
      );
      expect(sentences(file, 'eur', 'does')).toEqual([
        'Keeps id, region, amount and at of each record of sorted.large.',
        'Computes eur as amount * 2 from each record.',
      ]);
      expect(sentences(file, 'words', 'does')[0]).toContain("each element of split(region, ' ')");
    });
  });

  test('an aggregate names its worst case: windows that may be open, times groups', () => {
    withFile(SHOP, (file) => {
      const [, worst] = sentences(file, 'sums', 'keeps');
      // 25 minutes of waiting reach into four windows of ten.
      expect(worst).toContain('At worst 4 windows of 10m are open at a time');
      expect(worst).toContain('and more while one of a and b is ahead of another in time');
      expect(worst).toContain('4 x the groups of one window');
      expect(sentences(file, 'sums', 'leaves')[0]).toContain('25m past the end of the window');
    });
  });

  test('an aggregate that collects says that nothing bounds what a group keeps', () => {
    const keeps = sentences(join(root, 'src/operators/aggregate.example.yaml'), 'an_hour', 'keeps');
    expect(keeps[keeps.length - 1]).toBe(
      'Beside that a group keeps every value of percentile(paid, 0.5) and collect_list(paid) and every different value of count(DISTINCT customer): it grows with its records, and nothing bounds it.',
    );
  });

  test('a lookup as of arrival goes by the time of who asks', () => {
    const example = join(root, 'src/operators/join.example.yaml');
    expect(sentences(example, 'named', 'time')).toEqual(['Time goes by at of orders.']);
    expect(sentences(example, 'settled', 'time')[0]).toContain('farthest behind');
  });

  test('types and nullability are those that the graph proves', () => {
    withFile(SHOP, (file) => {
      expect(sentences(file, 'eur', 'gives')[0]).toBe(
        'id long (never NULL), region string, amount double, at timestamp, eur double.',
      );
    });
  });

  test('a stream without a time says what may read it', () => {
    withFile(SHOP, (file) => {
      expect(sentences(file, 'tardy', 'gives').join(' ')).toContain(
        'tardy has no time that goes on',
      );
    });
  });

  test('who waits when an exit is full is named', () => {
    withFile(SHOP, (file) => {
      expect(sentences(file, 'sums', 'waits')[0]).toContain('sums and tardy');
      expect(sentences(file, 'sums', 'waits')).toContain(
        'When sums holds 1 GiB, a and b are not read, and north and south wait until a tenth of it is free.',
      );
      expect(sentences(file, 'till', 'takes', 'vehicle')[0]).toContain('sums, tardy and words');
    });
  });

  test('what a hold keeps, and what becomes of the rest, is said', () => {
    const text = SHOP.replace(
      'sums: { from: sums, for: till }',
      'sums: { from: sums, for: till, hold: { keep: latest, key: region, ttl: 2h, max_records: 10 } }',
    )
      .replace(
        'words: { from: words, for: till }',
        'words: { from: words, for: till, hold: { on_full: drop_oldest } }',
      )
      .replace(
        'tardy: { from: tardy, for: till }',
        'tardy: { from: tardy, for: south, hold: { max_bytes: none, ttl: 1d } }',
      );
    withFile(text, (file) => {
      expect(sentences(file, 'sums', 'keeps', 'exit')).toEqual([
        'A message waits on disk, with a number of its own, until a vehicle accepts it.',
        'Of messages with the same region only the newest is kept, besides one that a receiver has in hand.',
        'After 2h it expires, unless a receiver has it in hand.',
        'No more than 1024 are on their way to one receiver at a time.',
      ]);
      expect(sentences(file, 'sums', 'waits', 'exit')).toContain(
        'When sums holds 1 GiB or 10 records, a and b are not read, and north and south wait until a tenth of it is free. Until then south gets nothing new either.',
      );
      expect(sentences(file, 'words', 'waits', 'exit')).toContain(
        'When words holds 1 GiB, its oldest are dropped, and nobody waits.',
      );
      expect(sentences(file, 'tardy', 'waits', 'exit')).toContain(
        'What tardy holds has no bound but the disk.',
      );
      expect(sentences(file, 'a', 'waits', 'lane')).toContain('So it is while sums is full.');
    });
  });

  test('the files we ship are read aloud whole', () => {
    for (const name of ['quickstart', 'word-count', 'word-count-numbered']) {
      const text = said(join(root, `pipelines/${name}.yaml`));
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      expect(text.split('\n').length).toBeGreaterThan(30);
    }
  });

  test('a wrong name is told with the nearest, a broken file with its findings', () => {
    withFile(SHOP, (file) => {
      const { streams, printed } = capture();
      const asked = () => explain(file, 'summs', { format: 'human' }, streams);
      expect(asked).toThrow(expect.objectContaining({ hint: 'did you mean "sums"?' }));
      writeFileSync(file, SHOP.replace('from: eur', 'from: euro'));
      expect(explain(file, 'sums', { format: 'human' }, streams)).toBe(1);
      expect(printed.err).toContain('dangling-reference');
    });
  });
});
