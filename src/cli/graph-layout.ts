/**
 * Places a graph in layers from left to right. Pure: the same boxes and arrows give the same coordinates.
 *
 * A box stands one layer behind the last of those it reads (longest path). An arrow that passes layers gets a
 * place in each, so it is routed between boxes, never under them. Inside a layer the order that crosses least
 * wins of several sweeps (mean place of neighbours); then boxes move as near to their neighbours as their order
 * allows, which is a least-squares problem that pooling neighbours solves exactly.
 */
import assert from 'node:assert';

export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Boxes of one column stand in the same layer; empty: it stands for itself. */
  readonly column: string;
  /**
   * How far its right side comes to a point, at which arrows without a label begin. Those with one begin together
   * below, or nobody knew whose it is. 0: the side is straight.
   */
  readonly point: number;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Room for a label at its beginning. */
  readonly label: number;
}

export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedArrow extends Arrow {
  /** Start, then entry and leave of each layer that it passes, then end: between two, a curve or a line. */
  readonly points: readonly Point[];
}

export interface Layout {
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
  readonly width: number;
  readonly height: number;
}

/** Between two boxes of a layer. */
const BETWEEN = 26;
/** Between two layers, beside what labels take: room for a curve that reads as one. */
const GAP = 40;
/** What an arrow that passes a layer takes of it. */
const LANE_HEIGHT = 10;
/** Between two arrows at one side of a box, so that their labels stand apart. */
const PORT = 18;
/** More sweeps have never lessened crossings in graphs a person writes by hand. */
const SWEEPS = 12;
/** Moves forth and back until nothing moves by a pixel any more, in graphs of the size of a screen. */
const MOVES = 60;
/** How much harder two places of one arrow pull at each other than boxes do. */
const STRAIGHT = 40;
/** Two places of one arrow that are as near as this come to be at one height; less than a quarter of what parts boxes. */
const SNAP = 6;

/** A box, or a place where an arrow passes a layer. */
interface Cell {
  /** undefined: a place of an arrow. */
  readonly box: Box | undefined;
  readonly layer: number;
  readonly height: number;
  readonly before: Cell[];
  readonly after: Cell[];
  place: number;
  /** Its middle. */
  y: number;
}

export function layout(boxes: readonly Box[], arrows: readonly Arrow[]): Layout {
  const layers = layersOf(boxes, arrows);
  const { cells, routes } = cellsOf(boxes, arrows, layers);
  order(cells);
  align(cells);
  for (const route of routes) straighten(route);
  return placed(boxes, arrows, cells, routes);
}

function layersOf(boxes: readonly Box[], arrows: readonly Arrow[]): ReadonlyMap<string, number> {
  const layers = new Map(boxes.map(({ id }) => [id, 0]));
  const of = (id: string): number => layers.get(id) ?? 0;
  // Each round moves a box that is not done; a ring, through a column as well, would never be done.
  for (let round = 0, moved = true; moved; round++) {
    assert(round <= boxes.length * boxes.length, 'the graph goes round');
    moved = false;
    const atLeast = (id: string, layer: number): void => {
      if (of(id) >= layer) return;
      layers.set(id, layer);
      moved = true;
    };
    for (const { from, to } of arrows) atLeast(to, of(from) + 1);
    for (const { id, column } of boxes) {
      if (column === '') continue;
      for (const other of boxes) if (other.column === column) atLeast(id, of(other.id));
    }
  }
  return layers;
}

function cellsOf(
  boxes: readonly Box[],
  arrows: readonly Arrow[],
  layers: ReadonlyMap<string, number>,
): { cells: Cell[][]; routes: readonly (readonly Cell[])[] } {
  const cells: Cell[][] = [];
  const ports = (id: string, side: 'from' | 'to'): number =>
    arrows.filter((arrow) => arrow[side] === id).length;
  const add = (layer: number, height: number, box?: Box): Cell => {
    while (cells.length <= layer) cells.push([]);
    const column = cells[layer];
    const cell = { box, layer, height, before: [], after: [], place: column.length, y: 0 };
    column.push(cell);
    return cell;
  };
  const byId = new Map(
    boxes.map((box) => {
      // Of a pointed one, those that begin below the point begin on its side.
      const begin = box.point > 0 ? 3 : ports(box.id, 'from');
      const most = Math.max(begin, ports(box.id, 'to'));
      return [box.id, add(layers.get(box.id) ?? 0, Math.max(box.height, most * PORT), box)];
    }),
  );
  const routes = arrows.map(({ from, to }) => {
    const [start, end] = [byId.get(from), byId.get(to)];
    assert(start !== undefined && end !== undefined, `an arrow leads from ${from} to ${to}`);
    const route = [start];
    for (let layer = start.layer + 1; layer < end.layer; layer++) {
      route.push(add(layer, LANE_HEIGHT));
    }
    route.push(end);
    for (let i = 1; i < route.length; i++) {
      route[i - 1].after.push(route[i]);
      route[i].before.push(route[i - 1]);
    }
    return route;
  });
  return { cells, routes };
}

/** Puts each layer in the order of its neighbours' mean place, forth and back, and keeps the best. */
function order(cells: Cell[][]): void {
  let best = Number.POSITIVE_INFINITY;
  let kept: Cell[][] = [];
  for (let sweep = 0; sweep <= SWEEPS; sweep++) {
    const crossed = crossings(cells);
    if (crossed < best) {
      best = crossed;
      kept = cells.map((column) => [...column]);
    }
    if (best === 0) break;
    const forth = sweep % 2 === 0;
    for (const column of forth ? cells : [...cells].reverse()) {
      const mean = new Map(
        column.map((cell) => [cell, meanOf(forth ? cell.before : cell.after, cell.place)]),
      );
      column.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0) || a.place - b.place);
      column.forEach((cell, i) => {
        cell.place = i;
      });
    }
  }
  kept.forEach((column, layer) => {
    cells[layer] = column;
    column.forEach((cell, i) => {
      cell.place = i;
    });
  });
}

function meanOf(neighbours: readonly Cell[], own: number): number {
  if (neighbours.length === 0) return own;
  return neighbours.reduce((sum, { place }) => sum + place, 0) / neighbours.length;
}

function crossings(cells: readonly (readonly Cell[])[]): number {
  let crossed = 0;
  for (const column of cells) {
    const edges = column.flatMap((cell) => cell.after.map((next) => [cell.place, next.place]));
    edges.forEach(([from, to], i) => {
      for (const [otherFrom, otherTo] of edges.slice(i + 1)) {
        if ((from - otherFrom) * (to - otherTo) < 0) crossed++;
      }
    });
  }
  return crossed;
}

/** Moves the cells of each layer to where their neighbours are, without changing their order. */
function align(cells: readonly (readonly Cell[])[]): void {
  for (const column of cells) {
    let y = 0;
    for (const cell of column) {
      cell.y = y + cell.height / 2;
      y += cell.height + BETWEEN;
    }
    const middle = (y - BETWEEN) / 2;
    for (const cell of column) cell.y -= middle;
  }
  for (let sweep = 0; sweep < MOVES; sweep++) {
    for (const column of sweep % 2 === 0 ? cells : [...cells].reverse()) settle(column);
  }
}

/** Pools cells that would overlap into blocks; each block stands where its cells want to be on average. */
function settle(column: readonly Cell[]): void {
  const blocks: { cells: Cell[]; wish: number; sum: number; height: number }[] = [];
  for (const cell of column) {
    const wish = wishOf(cell) - cell.height / 2;
    // The wish of a block is where its first cell's upper edge should be.
    let block = { cells: [cell], wish, sum: wish, height: cell.height };
    for (let above = blocks.at(-1); above !== undefined; above = blocks.at(-1)) {
      if (above.wish + above.height + BETWEEN <= block.wish) break;
      blocks.pop();
      const offset = above.height + BETWEEN;
      const all = [...above.cells, ...block.cells];
      const sum = above.sum + block.sum - offset * block.cells.length;
      block = { cells: all, wish: sum / all.length, sum, height: offset + block.height };
    }
    blocks.push(block);
  }
  for (const { cells, wish } of blocks) {
    let top = wish;
    for (const cell of cells) {
      cell.y = top + cell.height / 2;
      top += cell.height + BETWEEN;
    }
  }
}

/** The mean of the neighbours' middles. What lies on one arrow pulls hard, so that long arrows are straight. */
function wishOf(cell: Cell): number {
  let sum = 0;
  let weight = 0;
  for (const other of [...cell.before, ...cell.after]) {
    const pull = cell.box === undefined && other.box === undefined ? STRAIGHT : 1;
    sum += pull * other.y;
    weight += pull;
  }
  return weight === 0 ? cell.y : sum / weight;
}

/** Takes small steps out of an arrow. */
function straighten(route: readonly Cell[]): void {
  for (let i = 1; i < route.length - 2; i++) {
    const [here, next] = [route[i], route[i + 1]];
    if (Math.abs(next.y - here.y) <= SNAP) next.y = here.y;
  }
}

function placed(
  boxes: readonly Box[],
  arrows: readonly Arrow[],
  cells: readonly (readonly Cell[])[],
  routes: readonly (readonly Cell[])[],
): Layout {
  const widths = cells.map((column) => Math.max(0, ...column.map(({ box }) => box?.width ?? 0)));
  const labels = cells.map((_, layer) =>
    Math.max(0, ...arrows.map(({ label }, i) => (routes[i][0].layer === layer ? label : 0))),
  );
  const lefts: number[] = [];
  let x = 0;
  widths.forEach((width, layer) => {
    lefts.push(x);
    x += width + labels[layer] + GAP;
  });
  const all = cells.flat();
  const ends = all.flatMap(({ y, height }) => [y - height / 2, y + height / 2]);
  const [top, bottom] = ends.length === 0 ? [0, 0] : [Math.min(...ends), Math.max(...ends)];
  for (const cell of all) cell.y = Math.round(cell.y - top);
  const byBox = new Map(all.map((cell) => [cell.box, cell]));
  const at = (cell: Cell): PlacedBox | undefined =>
    cell.box && {
      ...cell.box,
      height: cell.height,
      width: widths[cell.layer],
      x: lefts[cell.layer],
      y: Math.round(cell.y - cell.height / 2),
    };
  return {
    boxes: boxes.flatMap((box) => {
      const cell = byBox.get(box);
      return (cell && at(cell)) ?? [];
    }),
    arrows: arrows.map((arrow, i) => {
      const route = routes[i];
      const right = (layer: number): number => lefts[layer] + widths[layer];
      const [first, last] = [route[0], route[route.length - 1]];
      const below = arrow.label > 0 ? PORT : 0;
      const aside = first.box?.point ? below : port(routes, i, 'from');
      const start = first.y + aside;
      const cut = ((first.box?.point ?? 0) * Math.abs(aside)) / (first.height / 2);
      const points = [
        { x: Math.round(right(first.layer) - cut), y: start },
        ...(labels[first.layer] > 0
          ? [{ x: right(first.layer) + labels[first.layer], y: start }]
          : []),
        ...route.slice(1, -1).flatMap(({ layer, y }) => [
          { x: lefts[layer], y },
          { x: right(layer) + labels[layer], y },
        ]),
        { x: lefts[last.layer], y: last.y + port(routes, i, 'to') },
      ];
      return { ...arrow, points };
    }),
    width: Math.max(0, x - GAP),
    height: Math.round(bottom - top),
  };
}

/** How far from the middle of a box an arrow begins or ends: those of one side in the order of their other ends. */
function port(routes: readonly (readonly Cell[])[], index: number, side: 'from' | 'to'): number {
  const end = (route: readonly Cell[]): Cell =>
    side === 'from' ? route[0] : route[route.length - 1];
  const next = (route: readonly Cell[]): Cell =>
    side === 'from' ? route[1] : route[route.length - 2];
  const own = routes[index];
  const others = routes
    .map((route, i) => ({ route, i }))
    .filter(({ route }) => end(route) === end(own))
    .sort((a, b) => next(a.route).y - next(b.route).y || a.i - b.i);
  const place = others.findIndex(({ i }) => i === index);
  return (place - (others.length - 1) / 2) * PORT;
}
