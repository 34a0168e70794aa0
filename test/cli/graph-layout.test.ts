/** Layout and drawing: nothing overlaps, nothing is cut, the same bytes for the same flow. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Arrow, type Box, layout } from '../../src/cli/graph-layout.ts';
import { graphSvg } from '../../src/cli/graph-svg.ts';
import { textWidth, wrapped } from '../../src/cli/text-width.ts';
import type { FlowGraph } from '../../src/topology/flow-graph.ts';

/** Boxes in which each arrow leads to a later one, so there is no ring. */
const graphs = fc
  .integer({ min: 1, max: 14 })
  .chain((count) =>
    fc.record({
      sizes: fc.array(
        fc.record({
          width: fc.integer({ min: 20, max: 300 }),
          height: fc.integer({ min: 20, max: 90 }),
        }),
        { minLength: count, maxLength: count },
      ),
      pairs: fc.uniqueArray(
        fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.constantFrom(0, 0, 40)),
        { maxLength: 24, selector: ([a, b]) => `${a} ${b}` },
      ),
      last: fc.nat(3),
    }),
  )
  .map(({ sizes, pairs, last }) => {
    const leaves = sizes.map((_, i) => !pairs.some(([a, b]) => a === i && a < b));
    const boxes = sizes.map((size, i): Box => {
      const column = leaves[i] && i >= sizes.length - last ? 'exit' : '';
      return { id: `b${i}`, column, point: i % 3 === 0 ? 15 : 0, ...size };
    });
    const arrows = pairs
      .filter(([a, b]) => a < b)
      .map(([a, b, label]): Arrow => ({ from: `b${a}`, to: `b${b}`, label }));
    return { boxes, arrows };
  });

describe('layout', () => {
  test('boxes never overlap, arrows go to the right and never under a box', () => {
    fc.assert(
      fc.property(graphs, ({ boxes, arrows }) => {
        const placed = layout(boxes, arrows);
        expect(placed.boxes).toHaveLength(boxes.length);
        placed.boxes.forEach((a, i) => {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= placed.width).toBe(true);
          expect(a.y + a.height).toBeLessThanOrEqual(placed.height + 1);
          for (const b of placed.boxes.slice(i + 1)) {
            const apart =
              a.x + a.width < b.x ||
              b.x + b.width < a.x ||
              a.y + a.height < b.y ||
              b.y + b.height < a.y;
            expect(apart).toBe(true);
          }
        });
        for (const { from: source, points } of placed.arrows) {
          points.slice(1).forEach((to, i) => {
            const from = points[i];
            expect(to.x).toBeGreaterThan(from.x);
            for (const box of placed.boxes) {
              // It begins on the side of a point.
              if (i === 0 && box.id === source && box.point > 0) continue;
              const beside = to.x <= box.x || from.x >= box.x + box.width;
              const clear = [from.y, to.y].every((y) => y < box.y || y > box.y + box.height);
              expect(beside || clear).toBe(true);
            }
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the same graph has the same layout, and boxes of one column one layer', () => {
    fc.assert(
      fc.property(graphs, ({ boxes, arrows }) => {
        const placed = layout(boxes, arrows);
        expect(layout(boxes, arrows)).toEqual(placed);
        const exits = placed.boxes.filter(({ column }) => column === 'exit');
        expect(new Set(exits.map(({ x }) => x)).size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });

  test('a chain is a straight line', () => {
    const boxes = ['a', 'b', 'c'].map((id, i) => ({
      id,
      column: '',
      point: 0,
      width: 80,
      height: 40 + 10 * i,
    }));
    const arrows = [
      { from: 'a', to: 'b', label: 0 },
      { from: 'b', to: 'c', label: 0 },
    ];
    const heights = layout(boxes, arrows).arrows.flatMap(({ points }) => points.map(({ y }) => y));
    expect(new Set(heights).size).toBe(1);
  });

  test('arrows of two rows that could cross do not', () => {
    const boxes = ['a', 'b', 'c', 'd'].map((id) => ({
      id,
      column: '',
      point: 0,
      width: 80,
      height: 40,
    }));
    const arrows = [
      { from: 'a', to: 'd', label: 0 },
      { from: 'b', to: 'c', label: 0 },
    ];
    const [first, second] = layout(boxes, arrows).arrows.map(({ points }) => points);
    expect((first[0].y - second[0].y) * (first[1].y - second[1].y)).toBeGreaterThan(0);
  });
});

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('<script>&"\'', 'x'.repeat(200), 'a\u0000b', '日本語の列', 'a > 1 AND b < 2'),
);

describe('drawing', () => {
  test('any text stands inside its element, and the drawing is well formed', () => {
    fc.assert(
      fc.property(texts, texts, texts, (name, detail, stream) => {
        const graph: FlowGraph = {
          name,
          description: detail,
          nodes: [
            { id: 'a', kind: 'operator', name, caption: 'filter', details: [detail] },
            { id: 'b', kind: 'exit', name: stream, caption: 'exit', details: [] },
          ],
          edges: [{ from: 'a', to: 'b', stream }],
        };
        const svg = graphSvg(graph);
        expect(svg).toBe(graphSvg(graph));
        expect(unbalanced(svg)).toEqual([]);
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
        for (const line of wrapped(detail, 12, 176, 3)) {
          expect(textWidth(line, 12, 'regular')).toBeLessThanOrEqual(Math.max(176, width));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('wrapping loses no word while there is room, and says so when it does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 12 }),
        (words) => {
          const text = words.join(' ');
          const lines = wrapped(text, 12, 90, 3);
          expect(lines.length).toBeLessThanOrEqual(3);
          for (const line of lines) expect(textWidth(line, 12, 'regular')).toBeLessThanOrEqual(90);
          const whole = lines.join(' ');
          expect(whole === text || whole.endsWith('…')).toBe(true);
        },
      ),
    );
  });

  test('light and dark are there at once, or one of them alone', () => {
    const graph: FlowGraph = { name: 'x', description: null, nodes: [], edges: [] };
    expect(graphSvg(graph)).toContain('prefers-color-scheme: dark');
    const [light, dark] = [graphSvg(graph, 'light'), graphSvg(graph, 'dark')];
    expect(light).not.toContain('prefers-color-scheme');
    expect(dark).not.toBe(light);
    expect(light).toContain('class="page"');
  });
});

/** Tags that are not closed, or closed without being open, and signs that XML does not take. */
function unbalanced(svg: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (self === '/') continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  const text = svg.replace(/<[^<>]*>/g, '').replace(/<style>[\s\S]*?<\/style>/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  wrong.push(...(text.match(/[<\u0000-\u0008\u000b-\u001f]|&(?!(amp|lt|gt|quot);)/g) ?? []));
  return [...wrong, ...open];
}
