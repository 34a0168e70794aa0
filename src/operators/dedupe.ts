/**
 * `dedupe`: the first record of a key passes; those that follow do not while their own time is below that of
 * the one that passed plus `within`. One that passes is remembered in its place; one that is dropped changes
 * nothing. Judged record by record, so where batches end does not show.
 *
 * A key is forgotten when W has reached its time plus `within` less 1 us: whatever comes on time then passes
 * in any case. NULL is a key like any other.
 */
import assert from 'node:assert';
import { listed } from '../diagnostics/words.ts';
import { describeType, isComparable } from '../sql/type.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { fieldIndex, sameType } from '../stream/schema.ts';
import { formatDuration, type Micros, parseDuration } from '../stream/time.ts';
import { closingMark, least, type Watermark } from '../stream/watermark.ts';
import { LateRecords, lateReads, lateStream } from './late.ts';
import type {
  CheckContext,
  Emitter,
  InputStream,
  Marks,
  Operator,
  OperatorDefinition,
  RowState,
  State,
} from './operator.ts';
import { DURATION, hasWatermark, noSuchField, STREAM_NAME } from './spec.ts';

interface Spec {
  readonly key: string | readonly string[];
  readonly within?: string;
  readonly late_to?: string;
}

interface Checked {
  readonly input: InputStream;
  /** Columns of the input. */
  readonly keys: readonly number[];
  readonly within: Micros;
  readonly lateTo: string | undefined;
}

export const dedupe: OperatorDefinition<Spec, Checked> = {
  type: 'dedupe',
  summary: 'The first record of those that have the same key.',
  schema: {
    properties: {
      key: {
        type: ['string', 'array'],
        items: { type: 'string' },
        minItems: 1,
        title: 'Key',
        description: 'The field, or the fields, that tell records apart.',
        examples: ['order_id', ['origin', 'flight']],
      },
      within: {
        ...DURATION,
        title: 'Within',
        description: 'How long after a record, by event time, another of its key is dropped.',
        examples: ['10m'],
      },
      keep: {
        enum: ['first_seen', 'earliest'],
        title: 'Keep',
        description: 'Which record passes: the first that arrives, or the first by event time.',
        default: 'first_seen',
        examples: ['first_seen'],
      },
      late_to: {
        ...STREAM_NAME,
        title: 'Late records',
        description: 'The name of a stream of late records.',
        examples: ['too_late'],
      },
    },
    required: ['key'],
    coming: ['keep'],
  },
  streams: (name, { late_to: lateTo }) => [name, ...(typeof lateTo === 'string' ? [lateTo] : [])],
  check,
  output: ({ input }) => ({ ...input, stateless: false }),
  further: ({ input, lateTo }) =>
    new Map(lateTo === undefined ? [] : [[lateTo, lateStream(input)]]),
  reads: ({ input, keys, lateTo }, wanted, _, further) =>
    new Set([...keys, ...wanted, ...lateReads(input, further.get(lateTo ?? ''))]),
  state: ({ input, keys }) => ({
    kind: 'rows',
    keys: keys.map((key) => input.schema.fields[key].type),
    sides: [{ columns: [], expires: false }],
  }),
  carry(before, after) {
    const [was, is] = [before, after].map(({ input, keys }) =>
      keys.map((key) => input.schema.fields[key]),
    );
    const same =
      was.length === is.length &&
      was.every(({ name, type }, i) => name === is[i].name && sameType(type, is[i].type));
    return same
      ? { kind: 'kept' }
      : { kind: 'reset', because: 'its records were remembered by another key' };
  },
  describe({ input, keys, within, lateTo }, { from: [from] }) {
    const key = listed(keys.map((column) => input.schema.fields[column].name));
    const time = formatDuration(within);
    const late = lateTo === undefined ? 'are let go and counted as late' : `leave on ${lateTo}`;
    return {
      brief: `by ${key}, ${time}`,
      does: [
        `Passes a record of ${from} on, unless one with the same ${key} has passed whose time is less than ${time} before its own.`,
        `The others are let go and counted as filtered. Records that were late at their lane ${late}.`,
      ],
      keeps: [
        `Keeps ${key} and the time of each record that passed, until ${from} has come ${time} past it.`,
      ],
      leaves: [],
    };
  },
  open: (checked, state) => new Dedupe(checked, state),
};

class Dedupe implements Operator {
  readonly #keys: readonly number[];
  readonly #within: Micros;
  readonly #state: RowState;
  readonly #late: LateRecords;
  readonly #hashes = new Int32Array(BATCH_ROWS_MAX);
  readonly #passed = new Int32Array(BATCH_ROWS_MAX);
  /** The one row that is being remembered. */
  readonly #one = new Int32Array(1);

  constructor({ input, keys, within, lateTo }: Checked, state: State) {
    assert(state.kind === 'rows', 'a dedupe keeps rows');
    this.#keys = keys;
    this.#within = within;
    this.#state = state;
    this.#late = new LateRecords(input, lateTo);
  }

  onBatch(all: Batch, _: number, out: Emitter): void {
    const batch = this.#late.divert(all, out);
    const { columns, eventTime: times, selection, selected } = batch;
    const keys = this.#keys.map((key) => columns[key]);
    this.#state.hash(keys, selection, selected, this.#hashes);
    const [kept] = this.#state.sides;
    const one = { keys, hashes: this.#hashes, times, rows: this.#one, count: 1 };
    let passed = 0;
    for (let k = 0; k < selected; k++) {
      const row = selection === null ? k : selection[k];
      if (times[row] < kept.newest(one, row) + this.#within) continue;
      this.#one[0] = row;
      kept.append(one, [], null);
      this.#passed[passed++] = row;
    }
    if (passed < selected) out.drop('filtered', selected - passed);
    if (passed > 0) out.emit({ ...batch, selection: this.#passed, selected: passed });
  }

  onTime({ inputs }: Marks): Watermark {
    const mark = least(inputs);
    this.#state.forget(0, mark - closingMark(this.#within));
    return mark;
  }

  pending(): Watermark {
    return this.#state.sides[0].earliest() + closingMark(this.#within);
  }
}

function check(spec: Spec, context: CheckContext): Checked | undefined {
  const {
    inputs: [input],
    report,
  } = context;
  const keys = checkKeys(spec, context);
  const timed = hasWatermark(input, ['from'], context);
  if (spec.within === undefined) {
    const message = 'without "within" every key would be remembered for ever';
    report.add({ rule: 'unbounded-state', path: [], message, hint: 'write within: 10m' });
    return undefined;
  }
  const within = parseDuration(spec.within);
  if (within === 0) {
    const message = 'within 0s nothing would be dropped';
    report.add({ rule: 'value-not-allowed', path: ['within'], message, hint: 'write within: 10m' });
  }
  if (keys === undefined || !timed || within === undefined || within === 0) return undefined;
  return { input, keys, within, lateTo: spec.late_to };
}

function checkKeys(
  { key }: Spec,
  { inputs: [input], report }: CheckContext,
): readonly number[] | undefined {
  const names = typeof key === 'string' ? [key] : key;
  const keys: number[] = [];
  names.forEach((name, i) => {
    const path = typeof key === 'string' ? ['key'] : ['key', i];
    const column = fieldIndex(input.schema, name);
    if (column < 0) report.add(noSuchField(input, name, path));
    else if (keys.includes(column)) {
      const message = `"${name}" is there already`;
      report.add({ rule: 'duplicate-name', path, message, hint: 'leave it out' });
    } else if (!isComparable(input.schema.fields[column].type)) {
      const message = `records can't be told apart by ${describeType(input.schema.fields[column].type)}`;
      report.add({ rule: 'type-mismatch', path, message });
    } else keys.push(column);
  });
  return keys.length === names.length ? keys : undefined;
}
