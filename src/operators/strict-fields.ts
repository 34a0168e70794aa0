/**
 * `strict` of a `select`: a computed field that is NULL although every column it reads is there tells of bad data,
 * such as a text that is no number. The record then goes no further. A plain predicate: it depends on the record
 * alone, and means the same on every engine.
 */
import { nearest } from '../diagnostics/suggest.ts';
import { listed } from '../diagnostics/words.ts';
import type { Expression, Scope } from '../sql/expression.ts';
import { BATCH_ROWS_MAX, type Batch } from '../stream/batch.ts';
import type { Column } from '../stream/column.ts';
import type { CheckContext, Emitter, InputStream } from './operator.ts';

/** A field that must not be NULL without a reason. */
export interface StrictField {
  readonly name: string;
  /** Its place among the fields that leave. */
  readonly output: number;
  /** Columns of the input that it reads. */
  readonly reads: readonly number[];
  /** It reads `_late_by` as well, which is NULL where a record is on time. */
  readonly readsLateBy: boolean;
}

/** Notes whether `_late_by` is looked up: the one hidden column that may be NULL. */
export class LateByScope implements Scope {
  looked = false;
  readonly names: readonly string[];
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.names = scope.names;
  }

  find(name: string, qualifier: string | null): ReturnType<Scope['find']> {
    const found = this.#scope.find(name, qualifier);
    if (typeof found === 'object' && found.slot.from === 'late_by') this.looked = true;
    return found;
  }
}

/**
 * Finds the fields that an author has named; reports those that are none, and those that are only handed on.
 * @param outputs by name, in order: the input's column, or what computes it
 * @param lateBy names of those that read `_late_by`
 * @returns undefined when anything was reported
 */
export function strictFields(
  names: readonly string[],
  outputs: ReadonlyMap<string, number | Expression>,
  lateBy: ReadonlySet<string>,
  { report }: CheckContext,
): readonly StrictField[] | undefined {
  const places = [...outputs.keys()];
  const found: StrictField[] = [];
  names.forEach((name, i) => {
    const path = ['strict', i];
    const output = outputs.get(name);
    if (output === undefined) {
      const near = nearest(name, places);
      const hint =
        near === undefined ? `there are: ${places.join(', ')}` : `did you mean "${near}"?`;
      const message = `no field "${name}" leaves here`;
      report.add({ rule: 'unknown-column', path, message, hint });
    } else if (typeof output === 'number') {
      const message = `"${name}" is handed on as it came, so nothing here makes it NULL`;
      const hint = 'name a field that is computed, or write `required` at the lane';
      report.add({ rule: 'value-not-allowed', path, message, hint });
    } else if (found.some((field) => field.name === name)) {
      const message = `"${name}" is there already`;
      report.add({ rule: 'duplicate-name', path, message, hint: 'leave it out' });
    } else {
      const reads = [...output.reads];
      found.push({ name, output: places.indexOf(name), reads, readsLateBy: lateBy.has(name) });
    }
  });
  return found.length === names.length ? found : undefined;
}

/** What `name` is NULL in spite of, for the one who finds the dead letter. */
export function strictReason({ name, reads }: StrictField, { schema }: InputStream): string {
  const names = reads.map((column) => schema.fields[column].name);
  if (names.length === 0) return `${name} is NULL`;
  return `${name} is NULL, though ${listed(names)} ${names.length === 1 ? 'is' : 'are'} not`;
}

export class StrictFields {
  readonly #fields: readonly StrictField[];
  readonly #details: readonly string[];
  /** Rows that go on, and those that do not: the former are read while they are written, never ahead. */
  readonly #passed = new Int32Array(BATCH_ROWS_MAX);
  readonly #dead = new Int32Array(BATCH_ROWS_MAX);

  constructor(fields: readonly StrictField[], input: InputStream) {
    this.#fields = fields;
    this.#details = fields.map((field) => strictReason(field, input));
  }

  /**
   * Rejects the records of a batch that break the rule; of several fields the first is named.
   * @param columns the fields that leave
   * @returns the batch with those that go on selected, valid until the next call
   */
  divert(batch: Batch, columns: readonly Column[], out: Emitter): Batch {
    let { selection, selected } = batch;
    for (const [i, field] of this.#fields.entries()) {
      const { valid } = columns[field.output];
      if (valid === null) continue;
      const inputs = validitiesOf(field, batch);
      let passed = 0;
      let dead = 0;
      for (let k = 0; k < selected; k++) {
        const row = selection === null ? k : selection[k];
        let broken = 1 - valid[row];
        for (let j = 0; j < inputs.length; j++) broken &= inputs[j][row];
        this.#passed[passed] = row;
        this.#dead[dead] = row;
        passed += broken ^ 1;
        dead += broken;
      }
      if (dead === 0) continue;
      out.reject('strict-null', this.#details[i], batch, this.#dead, dead);
      selection = this.#passed;
      selected = passed;
    }
    return selection === batch.selection ? batch : { ...batch, selection, selected };
  }
}

/** Where each column that a field reads is there; those that always are, are left out. */
function validitiesOf({ reads, readsLateBy }: StrictField, batch: Batch): readonly Uint8Array[] {
  const all = reads.map((column) => batch.columns[column].valid);
  if (readsLateBy) all.push(batch.late ?? new Uint8Array(batch.rows));
  return all.filter((valid) => valid !== null);
}
