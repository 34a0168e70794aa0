/**
 * `dedupe`: the first record of a key passes; those that follow do not while their own time is below that of
 * the one that passed plus `within`. One that passes is remembered in its place; one that is dropped changes
 * nothing. Judged record by record, so where batches end does not show.
 *
 * A key is forgotten when W has reached its time plus `within` less 1 us: whatever comes on time then passes
 * in any case. NULL is a key like any other. `keep: earliest` stands beside.
 */
import assert from 'node:assert';
import { listed } from '../diagnostics/words.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import { typeText } from '../stream/schema.ts';
import { formatDuration, type Micros } from '../stream/time.ts';
import { closingMark, least, type Watermark } from '../stream/watermark.ts';
import { type Checked, checkDedupe, type Spec } from './dedupe-check.ts';
import { DedupeEarliest, earliestState } from './dedupe-earliest.ts';
import { LateRecords, lateReads, lateStream } from './late.ts';
import type {
  Emitter,
  Marks,
  Operator,
  OperatorDefinition,
  Spoken,
  Surroundings,
} from './operator.ts';
import type { RowState, State } from './operator-state.ts';
import { DURATION, STREAM_NAME } from './spec.ts';

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
        examples: ['earliest'],
      },
      late_to: {
        ...STREAM_NAME,
        title: 'Late records',
        description: 'The name of a stream of late records.',
        examples: ['too_late'],
      },
    },
    required: ['key'],
  },
  streams: (name, { late_to: lateTo }) => [name, ...(typeof lateTo === 'string' ? [lateTo] : [])],
  check: checkDedupe,
  output: ({ input }) => ({ ...input, stateless: false }),
  further: ({ input, lateTo }) =>
    new Map(lateTo === undefined ? [] : [[lateTo, lateStream(input)]]),
  reads: ({ input, keys, earliest, lateTo }, wanted, _, further) =>
    // What waits for its turn is kept whole, whoever reads of it.
    earliest
      ? new Set(input.schema.fields.keys())
      : new Set([...keys, ...wanted, ...lateReads(input, further.get(lateTo ?? ''))]),
  state: (checked) => {
    const { input, keys, earliest } = checked;
    if (earliest) return earliestState(checked);
    const types = keys.map((key) => input.schema.fields[key].type);
    return { kind: 'rows', keys: types, sides: [{ columns: [], expires: false }] };
  },
  carry(before, after) {
    if (before.earliest !== after.earliest) {
      return { kind: 'reset', because: 'another record of a key passes' };
    }
    if (layoutOf(before) === layoutOf(after)) return { kind: 'kept' };
    const because = after.earliest
      ? 'its records were remembered by another key, or with other fields'
      : 'its records were remembered by another key';
    return { kind: 'reset', because };
  },
  describe,
  open: (checked, state) =>
    checked.earliest ? new DedupeEarliest(checked, state) : new DedupeFirstSeen(checked, state),
};

/** What is kept of a record: its key, and all of it where it has to wait. */
function layoutOf({ input, keys, earliest }: Checked): string {
  const { schema, stateless, windowed } = input;
  const fields = schema.fields.map(({ name, type }) => [name, typeText(type)]);
  const key = keys.map((index) => fields[index]);
  return JSON.stringify(earliest ? [key, fields, stateless, windowed] : key);
}

function describe(checked: Checked, { from: [from] }: Surroundings): Spoken {
  const { input, keys, within, earliest, lateTo } = checked;
  const key = listed(keys.map((column) => input.schema.fields[column].name));
  const time = formatDuration(within);
  const late = lateTo === undefined ? 'are let go and counted as late' : `leave on ${lateTo}`;
  const others = `The others are let go and counted as filtered. Records that were late at their lane ${late}.`;
  const until = `until ${from} has come ${time} past it.`;
  if (earliest) {
    return {
      brief: `earliest by ${key}, ${time}`,
      does: [
        `Passes a record of ${from} on, by its own time, unless the one of the same ${key} before it is no more than ${time} earlier.`,
        others,
      ],
      keeps: [
        `Keeps each record whole until no earlier one can come, and ${key} with the time of its newest record ${until}`,
      ],
      leaves: [`A record leaves when the time of ${from} has come to it, in order of time.`],
    };
  }
  return {
    brief: `by ${key}, ${time}`,
    does: [
      `Passes a record of ${from} on, unless one with the same ${key} has passed whose time is less than ${time} before its own.`,
      others,
    ],
    keeps: [`Keeps ${key} and the time of each record that passed, ${until}`],
    leaves: [],
  };
}

class DedupeFirstSeen implements Operator {
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
