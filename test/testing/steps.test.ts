/** What each step of a test does, and what each look at the flow sees. */
import { describe, expect, test } from '@jest/globals';
import { validateText } from '../../src/rules/validate.ts';
import { FLOW, failuresOf, outcomesOf, sale, withSteps } from './world.ts';

const FIRST = `feed: { sales: [${sale(1, 'a', '00:01', 2)}, ${sale(2, 'b', '00:02')}, ${sale(3, 'a', '00:03')}] }`;

describe('feed', () => {
  test('brings maps as records, texts as lines, and the lines of a file', async () => {
    const line = '{"id":2,"shop":"b","at":"2026-01-01T00:00:02Z"}';
    expect(
      await failuresOf(
        [
          `feed: { sales: [${sale(1, 'a', '00:01')}, '${line}', nonsense] }`,
          'feed: { sales: { file: more.ndjson } }',
          'expect: { all: [{ id: 1 }, { id: 2, paid: null }, { id: 7 }], dead_letter: [{ reason: not-json, line: 3, bytes: nonsense }] }',
        ],
        { 'more.ndjson': '{"id":7,"at":"2026-01-01T00:00:03Z"}' },
      ),
    ).toEqual([]);
  });

  test('keeps the digits of numbers: a double is not rounded by the way, a whole number in its place is one', async () => {
    const record =
      '{ id: 9007199254740991, paid: 0.1000000000000000055, at: "2026-01-01T00:00:01Z" }';
    expect(
      await failuresOf([
        `feed: { sales: [${record}] }`,
        'expect: { all: [{ id: 9007199254740991, paid: 0.1 }] }',
        'feed: { sales: [\'{"id":9007199254740993,"at":"2026-01-01T00:00:01Z"}\'] }',
        'expect: { all: [], dead_letter: [{ reason: number-too-large }] }',
      ]),
    ).toEqual([]);
  });

  test('brings records to a lane of CSV in cells, under a header that a new connection brings again', async () => {
    const flow = FLOW.replace('listen: 0\n', 'listen: 0\n        codec: { csv: { null: NA } }\n');
    const record = (id: number, shop: string): string =>
      `{ id: ${id}, shop: ${shop}, at: "2026-01-01T00:00:01Z" }`;
    const steps = [
      `feed: { sales: [${record(1, '\'a, "b"\'')}, ${record(2, "''")}, ${record(3, 'NA')}, ${record(4, 'null')}] }`,
      'expect: { all: [{ id: 1, shop: \'a, "b"\', paid: null }, { id: 2, shop: "" }, { id: 3, shop: NA }, { id: 4, shop: null }] }',
      'detach: till',
      "feed: { sales: ['at,x,id', '2026-01-01T00:00:02Z,y,5', { id: 6, at: \"2026-01-01T00:00:02Z\" }, '7'] }",
      'expect: { all: [{ id: 5, shop: null }, { id: 6, shop: null }], dead_letter: [{ reason: wrong-cell-count, line: 3 }] }',
      'restart: {}',
      `feed: { sales: [${record(8, 'c')}] }`,
      'feed: { sales: { file: more.csv } }',
      'expect: { all: [{ id: 8, shop: c }, { id: 9, paid: 0.5 }] }',
    ];
    const files = { 'more.csv': '9,d,0.5,2026-01-01T00:00:03Z' };
    expect(await failuresOf(steps, files, flow)).toEqual([]);
    const named = flow.replace('null: NA', 'header: false, columns: [at, id, rest, shop, paid]');
    expect(
      await failuresOf(
        [
          `feed: { sales: [{ id: 1, at: "2026-01-01T00:00:01Z", rest: [1, "x"] }, '2026-01-01T00:00:02Z,2,,e,2'] }`,
          'expect: { all: [{ id: 1, shop: null }, { id: 2, shop: e, paid: 2 }] }',
        ],
        {},
        named,
      ),
    ).toEqual([]);
  });

  test('goes on under the header that a connection has had, also after an edit that reads more of it', async () => {
    const flow = FLOW.replace('listen: 0\n', 'listen: 0\n        codec: csv\n');
    const edited = flow.replace(
      '{ id: long,',
      '{ id: long, till: { type: string, source: Till no },',
    );
    const steps = [
      "feed: { sales: ['at,Till no,id', '2026-01-01T00:00:01Z,seven,1'] }",
      'expect: { all: [{ id: 1 }] }',
      'reload: { file: edited.yaml, expect: { sales: rewired } }',
      'feed: { sales: [\'2026-01-01T00:00:02Z,eight,2\', { id: 3, at: "2026-01-01T00:00:03Z" }] }',
      'expect: { all: [{ id: 2, till: eight }, { id: 3, till: null }] }',
    ];
    expect(await failuresOf(steps, { 'edited.yaml': edited }, flow)).toEqual([]);
  });

  test('brings the rest over a new connection where a bad record has closed the one before', async () => {
    const flow = FLOW.replace(
      'listen: 0\n',
      'listen: 0\n        codec: csv\n        bad_record: close\n',
    );
    const record = (id: number): string => `{ id: ${id}, at: "2026-01-01T00:00:01Z" }`;
    const steps = [
      `feed: { sales: [${record(1)}, 'nonsense', ${record(2)}] }`,
      'expect: { all: [{ id: 1 }, { id: 2 }], dead_letter: [{ reason: wrong-cell-count }] }',
      "feed: { sales: ['at,id', '2026-01-01T00:00:01Z,3', 'nonsense'] }",
      'expect: { all: [{ id: 3 }], dead_letter: [{ reason: wrong-cell-count, line: 2 }] }',
      `feed: { sales: [${record(4)}] }`,
      'expect: { all: [{ id: 4 }], dead_letter: [] }',
    ];
    expect(await failuresOf(steps, {}, flow)).toEqual([]);
  });

  test('brings late records, which a lane may send to a stream of their own', async () => {
    const flow = FLOW.replace(
      'max_delay: 10s }',
      'max_delay: 10s }\n        late_to: tardy',
    ).replace('exits:', 'exits:\n  tardy: { from: tardy, for: office }');
    const steps = [
      `feed: { sales: [${sale(1, 'a', '00:30')}, ${sale(2, 'a', '00:15')}, ${sale(3, 'a', '00:25')}] }`,
      'expect: { all: [{ id: 1 }, { id: 3 }], tardy: [{ id: 2, _late_by: 5000000 }], late: { sales: 1, per_shop: 0 } }',
    ];
    expect(await failuresOf(steps, {}, flow)).toEqual([]);
  });

  test('ends the lines of a text lane as the lane says', async () => {
    const flow = `version: 1
name: words
http: false
vehicles:
  v:
    lanes:
      words:
        listen: 0
        codec: { text: { field: word, separator: ";" } }
        fields: { upper: { type: string, expression: upper(word) } }
exits:
  words: { from: words, for: v }
`;
    const steps = [
      "feed: { words: [a, 'b;c;', ''] }",
      'feed: { words: { file: more.txt } }',
      'expect: { words: { records: [{ word: a, upper: A }, { word: b }, { word: c }, { word: "d\\r\\n" }, { word: e }], ordered: true } }',
    ];
    expect(await failuresOf(steps, { 'more.txt': 'd\r\n;;e' }, flow)).toEqual([]);
  });

  test('says which file is not there', async () => {
    expect(
      await failuresOf(['feed: { sales: { file: no.ndjson } }', 'expect: { all: [] }']),
    ).toEqual(['1 feed: there is no no.ndjson']);
  });
});

describe('expect', () => {
  test('looks at what came since the last look, by named fields, in any order', async () => {
    expect(
      await failuresOf([
        FIRST,
        'expect: { all: [{ shop: b }, { shop: a, paid: 1 }, { shop: a, paid: 2 }], shops: [] }',
        'expect: { all: [] }',
        `feed: { sales: [${sale(4, 'c', '00:04')}] }`,
        'expect: { all: [{ id: 4 }], held: { all: 4, shops: 0, dead_letter: 0 } }',
      ]),
    ).toEqual([]);
  });

  test.each([
    ['all: [{ id: 1 }, { id: 2 }]', '1 more came than the 2 expected'],
    ['all: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]', '1 of 4 did not come'],
    ['all: [{ id: 1 }, { id: 2 }, { id: 4 }]', '1 of 3 differs'],
    ['all: []', '3 came where none was expected'],
    [
      'all: { records: [{ id: 2 }, { id: 1 }, { id: 3 }], ordered: true }',
      'the records came in another order',
    ],
    ['all: { records: [{ id: 1 }, { id: 2 }, { id: 3 }], exact: true }', '3 of 3 differ'],
    ['all:', 'nothing is expected here yet; --record fills it in'],
    ['held: { all: 2 }', 'it is 3, not 2'],
    ['late: { sales: 1 }', 'it is 0, not 1'],
    ['watermark: { sales: none }', 'it is 2025-12-31T23:59:52.999999Z, not none'],
    ['received: { office: { all: [{ id: 1 }] } }', '1 of 1 did not come'],
  ])('%s fails with a sentence', async (look, sentence) => {
    const [failure, ...more] = await failuresOf([FIRST, `expect: { ${look} }`]);
    expect(more).toEqual([]);
    expect(failure).toMatch(/^2 expect /);
    expect(failure.slice(failure.indexOf(': ') + 2)).toBe(sentence);
  });

  test('shows what is the same, what did not come, and in which step the other came', async () => {
    const [outcome] = await outcomesOf(
      withSteps([
        FIRST,
        'advance: 1s',
        'expect: { all: [{ id: 1 }, { id: 2, shop: x }, { id: 3 }] }',
      ]),
    );
    const [{ rows, columns }] = outcome.failures;
    expect(columns).toEqual(['id', 'shop']);
    expect(
      rows.map((row) => [row.sign, row.record.get('shop'), row.sign === '+' ? row.step.number : 0]),
    ).toEqual([
      ['=', 'a', 0],
      ['=', 'a', 0],
      ['-', 'x', 0],
      ['+', 'b', 1],
    ]);
  });

  test('ends the test at the step that fails, and tells all that is wrong there', async () => {
    expect(
      await failuresOf([
        FIRST,
        'expect: { held: { all: 0, shops: 1 } }',
        'expect: { held: { all: 9 } }',
      ]),
    ).toEqual(['2 expect held all: it is 3, not 0', '2 expect held shops: it is 0, not 1']);
  });

  test('compares doubles exactly, or as near as it says; timestamps as instants', async () => {
    const feed = `feed: { sales: [${sale(1, 'a', '00:01.5', 0.3)}] }`;
    const near = '{ records: [{ paid: 0.30000001 }], tolerance: 1e-6 }';
    expect(await failuresOf([feed, `expect: { all: ${near} }`])).toEqual([]);
    expect(
      await failuresOf([feed, 'expect: { all: [{ paid: 0.30000000000000004 }] }']),
    ).toHaveLength(1);
    const zone = '{ at: "2026-01-01T01:00:01.500+01:00" }';
    expect(await failuresOf([feed, `expect: { all: [${zone}] }`])).toEqual([]);
    expect(
      await failuresOf([feed, 'expect: { all: [{ at: "2026-01-01T00:00:01Z" }] }']),
    ).toHaveLength(1);
  });
});

describe('time', () => {
  test('passes by advance alone, and what falls due on the way happens at its time', async () => {
    expect(
      await failuresOf([
        FIRST,
        'advance: 1m',
        'expect: { shops: [], watermark: { sales: "2026-01-01T00:00:22.999999Z" } }',
        'advance: 40s',
        'expect: { shops: [{ shop: a, n: 2, paid: 3 }, { shop: b, n: 1 }] }',
      ]),
    ).toEqual([]);
  });

  test('of a record moves the watermark, behind which others are late', async () => {
    expect(
      await failuresOf([
        `feed: { sales: [${sale(1, 'a', '01:10')}, ${sale(2, 'a', '00:30')}] }`,
        'expect: { late: { sales: 1, per_shop: 1 }, watermark: { sales: "2026-01-01T00:00:59.999999Z" } }',
      ]),
    ).toEqual([]);
  });

  test('begins where the test says', async () => {
    const flow = FLOW.replace('event_time: { field: at, max_delay: 10s }', 'event_time: arrival');
    const text = withSteps(
      ['expect: { watermark: { sales: "2030-05-05T11:59:59.999999Z" } }'],
      flow,
    ).replace('    steps:', '    start: "2030-05-05T12:00:00Z"\n    steps:');
    const [{ failures }] = await outcomesOf(text);
    expect(failures).toEqual([]);
  });

  test('ends with close: every window closes', async () => {
    expect(
      await failuresOf([
        FIRST,
        'close: true',
        'expect: { shops: [{ shop: a }, { shop: b }], watermark: { sales: end } }',
      ]),
    ).toEqual([]);
  });
});

describe('a vehicle', () => {
  test('takes what is held for it as far as its credit goes, and more when more comes', async () => {
    expect(
      await failuresOf([
        FIRST,
        'attach: { vehicle: office, credit: 2 }',
        'expect: { received: { office: { all: [{ id: 1 }, { id: 2 }] } }, held: { all: 1 } }',
        'attach: office',
        `feed: { sales: [${sale(4, 'a', '00:04')}] }`,
        'expect: { received: { office: { all: [{ id: 3 }, { id: 4 }], shops: [] } }, held: { all: 0 } }',
        'detach: office',
        `feed: { sales: [${sale(5, 'a', '00:05')}] }`,
        'expect: { received: { office: { all: [] } }, held: { all: 1 }, all: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }] }',
      ]),
    ).toEqual([]);
  });

  test('that gives back leaves what it took on hold, for another time', async () => {
    expect(
      await failuresOf([
        FIRST,
        'attach: { vehicle: office, outcome: released }',
        'expect: { received: { office: { all: [{ id: 1 }, { id: 2 }, { id: 3 }] } }, held: { all: 3 } }',
        'detach: office',
        'attach: office',
        'expect: { received: { office: { all: [{ id: 1 }, { id: 2 }, { id: 3 }] } }, held: { all: 0 } }',
      ]),
    ).toEqual([]);
  });

  test('that rejects sends what it takes to the dead letter, once', async () => {
    expect(
      await failuresOf([
        FIRST,
        'attach: { vehicle: office, credit: 2, outcome: rejected }',
        'expect: { held: { all: 1, dead_letter: 2 }, dead_letter: [{ reason: rejected, element: all, id: 1 }, { id: 2 }] }',
        'restart: {}',
        'expect: { held: { all: 1, dead_letter: 2 }, dead_letter: [] }',
      ]),
    ).toEqual([]);
  });

  test('that is named by the dead letter takes from there', async () => {
    const flow = `${FLOW}dead_letter: { for: till }\n`;
    const steps = [
      'feed: { sales: [nonsense] }',
      'attach: { vehicle: till, side: exits }',
      'expect: { received: { till: { dead_letter: [{ reason: not-json }] } }, held: { dead_letter: 0 } }',
    ];
    expect(await failuresOf(steps, {}, flow)).toEqual([]);
  });

  test('takes nothing from an exit that is not for it', async () => {
    expect(
      await failuresOf([
        FIRST,
        'close: true',
        'attach: { vehicle: till, side: exits }',
        'expect: { held: { all: 3, shops: 0 }, received: { till: { shops: [{ shop: a }, { shop: b }] } } }',
      ]),
    ).toEqual([]);
  });

  test('that ends its run well finishes what it fed; one that fails does not', async () => {
    for (const command of ['', '    command: [till]\n']) {
      const flow = FLOW.replace('        listen: 0\n', '        at_end: finish\n').replace(
        '  till:\n',
        `  till:\n${command}`,
      );
      const listening =
        command === '' ? flow.replace('at_end:', 'listen: 0\n        at_end:') : flow;
      const came = 'expect: { shops: [{ shop: a }, { shop: b }] }';
      expect(await failuresOf([FIRST, 'detach: till', came], {}, listening)).toEqual([]);
      const failed = 'detach: { vehicle: till, end: failed }';
      expect(await failuresOf([FIRST, failed, 'expect: { shops: [] }'], {}, listening)).toEqual([]);
      const again = ['attach: { vehicle: till, side: lanes }', 'detach: till', came];
      const later = `feed: { sales: [${sale(4, 'b', '00:05')}] }`;
      expect(
        await failuresOf([FIRST, failed, again[0], later, again[1], came], {}, listening),
      ).toEqual([]);
    }
  });
});

describe('reload and restart', () => {
  const NEXT = FLOW.replace('group_by: shop', 'group_by: shop\n    having: n > 1');

  test('of the same file hands all state over', async () => {
    expect(
      await failuresOf([
        FIRST,
        'reload: { expect: { per_shop: kept, sales: kept } }',
        `feed: { sales: [${sale(4, 'a', '00:04', 5)}] }`,
        'close: true',
        'expect: { shops: [{ shop: a, n: 3, paid: 8 }, { shop: b, n: 1 }] }',
      ]),
    ).toEqual([]);
  });

  test('of another file does what run would do, and says what became of each element', async () => {
    const files = {
      'next.yaml': NEXT,
      'broken.yaml': FLOW.replace('from: sales\n', 'from: sale\n'),
    };
    expect(
      await failuresOf(
        [
          FIRST,
          'reload: { file: next.yaml, expect: { per_shop: rewired, all: kept } }',
          'close: true',
          'expect: { shops: { records: [{ shop: a, n: 2, paid: 3 }], exact: true } }',
        ],
        files,
      ),
    ).toEqual([]);
    const broken = await failuresOf(
      ['reload: { file: broken.yaml }', 'expect: { all: [] }'],
      files,
    );
    expect(broken).toEqual([
      '1 reload: broken.yaml:15:11: no lane or operator is called "sale" (dangling-reference)',
    ]);
    const wrong = 'reload: { file: next.yaml, expect: { per_shop: kept, nobody: kept } }';
    expect(await failuresOf([wrong], files)).toEqual([
      '1 reload: "per_shop" is rewired, not kept',
      '1 reload: nothing is called "nobody", not kept',
    ]);
  });

  test('refuses what would lose state, unless the test expects that', async () => {
    const files = { 'next.yaml': FLOW.replace('tumble: 1m', 'tumble: 2m') };
    const [refusal] = await failuresOf([FIRST, 'reload: { file: next.yaml }'], files);
    expect(refusal).toMatch(/^2 reload: refused: "per_shop" cannot keep its state/);
    const steps = [
      FIRST,
      'reload: { file: next.yaml, expect: { per_shop: refused } }',
      'close: true',
      'expect: { shops: [{ shop: a, n: 2 }, { shop: b }] }',
    ];
    expect(await failuresOf(steps, files)).toEqual([]);
  });

  test('starts vehicles that come, whose run can end then', async () => {
    const wider = FLOW.replace(
      '  office: {}\n',
      '  office: {}\n  web:\n    command: [web]\n    lanes:\n      x_hits: { at_end: finish, fields: { at: timestamp }, event_time: at }\n',
    )
      .replace(
        'operators:\n',
        'operators:\n  hits: { type: aggregate, from: x_hits, window: { tumble: 1m }, fields: { n: count(*) } }\n',
      )
      .replace('exits:\n', 'exits:\n  x_hits: { from: hits, for: office }\n');
    const steps = [
      'reload: { file: wider.yaml, expect: { web: added } }',
      'feed: { x_hits: [{ at: "2026-01-01T00:00:01Z" }] }',
      'detach: web',
      'expect: { x_hits: [{ n: 1 }] }',
    ];
    expect(await failuresOf(steps, { 'wider.yaml': wider })).toEqual([]);
  });

  test('takes lanes and exits that come and go along', async () => {
    const lanes = '      returns: { listen: 0, fields: { id: long } }\n  office: {}\n';
    const wider = FLOW.replace('  office: {}\n', lanes).replace(
      'exits:\n',
      'exits:\n  back: { from: returns, for: office }\n',
    );
    expect(
      await failuresOf(
        [
          FIRST,
          'reload: { file: wider.yaml, expect: { returns: added, back: added } }',
          'feed: { returns: [{ id: 5 }] }',
          'expect: { back: [{ id: 5 }], all: [{ id: 1 }, { id: 2 }, { id: 3 }] }',
          'reload: { file: flow.yaml, expect: { returns: removed, back: removed } }',
          'attach: office',
          'expect: { received: { office: { back: [{ id: 5 }] } }, held: { back: 0 } }',
          'feed: { returns: [{ id: 6 }] }',
        ],
        { 'wider.yaml': wider, 'flow.yaml': FLOW },
      ),
    ).toEqual(['8 feed: there is no lane "returns" now']);
  });

  test('a restart keeps state, numbers and who was there', async () => {
    expect(
      await failuresOf([
        FIRST,
        'attach: { vehicle: office, credit: 1 }',
        'advance: 5s',
        'restart: {}',
        `feed: { sales: [${sale(4, 'a', '00:04')}] }`,
        'restart: {}',
        'close: true',
        'expect: { shops: [{ shop: a, n: 3 }, { shop: b, n: 1 }], all: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }], held: { all: 3 } }',
      ]),
    ).toEqual([]);
  });
});

test('coverage counts what streams carried, over edits and restarts', async () => {
  const [plain] = await outcomesOf(withSteps([FIRST, 'expect: { shops: [] }']));
  expect([...plain.carried]).toEqual(['sales']);
  const steps = [
    FIRST,
    'close: true',
    'restart: {}',
    'reload: {}',
    'expect: { held: { shops: 2 } }',
  ];
  const [closed] = await outcomesOf(withSteps(steps));
  expect(closed.failures).toEqual([]);
  expect([...closed.carried].sort()).toEqual(['per_shop', 'sales']);
});

test('tests are no part of the topology, so an edit of them is none', () => {
  const { topology } = validateText(withSteps([FIRST, 'expect: { all: [] }']), 'flow.yaml');
  expect(topology).toEqual(validateText(FLOW, 'flow.yaml').topology);
});

test('a test comes to the same outcome every time', async () => {
  const text = withSteps([FIRST, 'advance: 2m', 'restart: {}', 'expect: { all: , shops: }']);
  const first = await outcomesOf(text, { record: true });
  expect(first[0].recorded).toHaveLength(2);
  expect(await outcomesOf(text, { record: true })).toEqual(first);
});

describe('a hold with bounds', () => {
  const held = (bounds: string): string =>
    FLOW.replace(
      'all: { from: sales, for: office }',
      `all: { from: sales, for: office, hold: { ${bounds} } }`,
    );
  const two = (id: number): string =>
    `feed: { sales: [${sale(id, 'a', '00:01')}, ${sale(id + 1, 'b', '00:02')}] }`;

  test('that is full keeps what is fed next waiting, until it has been taken from', async () => {
    expect(
      await failuresOf(
        [
          two(1),
          two(3),
          two(5),
          'expect: { all: [{ id: 1 }, { id: 2 }], held: { all: 2 } }',
          'attach: { vehicle: office, credit: 1 }',
          'expect: { all: [{ id: 3 }, { id: 4 }], held: { all: 3 } }',
          'attach: { vehicle: office, credit: 100 }',
          'expect: { all: [{ id: 5 }, { id: 6 }], held: { all: 0 } }',
        ],
        {},
        held('max_records: 2'),
      ),
    ).toEqual([]);
  });

  test('that is full is read on at the end of all input, and after an edit that gives it room', async () => {
    const files = { 'next.yaml': held('max_records: 100') };
    const steps = [two(1), two(3), 'expect: { held: { all: 2 } }'];
    const flow = held('max_records: 2');
    const ends = ['restart: {}', 'expect: { held: { all: 2 } }', 'close: true'];
    expect(await failuresOf([...steps, ...ends, 'expect: { held: { all: 4 } }'], {}, flow)).toEqual(
      [],
    );
    const edit = 'reload: { file: next.yaml, expect: { all: rewired } }';
    expect(await failuresOf([...steps, edit, 'expect: { held: { all: 4 } }'], files, flow)).toEqual(
      [],
    );
  });

  test.each([
    [
      'ttl: 1m',
      [
        'advance: 59s',
        'expect: { held: { all: 2 } }',
        'advance: 1s',
        'expect: { held: { all: 0 } }',
      ],
    ],
    [
      'max_records: 3, on_full: drop_oldest',
      [two(3), 'expect: { held: { all: 3, dead_letter: 0 } }'],
    ],
    [
      'max_records: 3, on_full: dead_letter',
      [
        two(3),
        'expect: { held: { all: 3 }, dead_letter: [{ reason: hold-full, element: all, id: 1 }] }',
      ],
    ],
    [
      'keep: latest, key: shop',
      [
        two(3),
        'expect: { held: { all: 2 } }',
        'restart: {}',
        two(5),
        'attach: office',
        'expect: { held: { all: 0 }, received: { office: { all: [{ id: 5 }, { id: 6 }] } } }',
      ],
    ],
  ])('of { %s } lets go what it must', async (bounds, steps) => {
    expect(await failuresOf([two(1), ...steps], {}, held(bounds))).toEqual([]);
  });

  test('lets go at once by an edit, and has nothing to take back by the next', async () => {
    const files = {
      'less.yaml': held('max_records: 1, on_full: drop_oldest'),
      'latest.yaml': held('keep: latest, key: [shop]'),
      'gone.yaml': FLOW.replace(/ {2}all: .*\n/, ''),
    };
    expect(
      await failuresOf(
        [
          two(1),
          two(3),
          'reload: { file: less.yaml }',
          'expect: { held: { all: 1 } }',
          'reload: { file: latest.yaml }',
          two(5),
          two(7),
          // What was numbered before has no key, and stays.
          'expect: { held: { all: 3 } }',
          'reload: { file: gone.yaml, expect: { all: removed } }',
          'attach: office',
          'restart: {}',
        ],
        files,
      ),
    ).toEqual([]);
  });
});
