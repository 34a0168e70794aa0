/**
 * The tables that lookups work on, by id. What they have comes by the log and from nowhere else, so a replay looks
 * up in what a file said then, whatever it says today. A content may come before the plan that needs it.
 */
import assert from 'node:assert';
import type { TableRows, TableState } from '../operators/table.ts';
import type { Id, LogEntry } from '../stream/entry.ts';
import type { TablePlan } from '../topology/plan.ts';
import type { LookupTable } from './lookup-table.ts';
import type { Open } from './state.ts';
import { readTable } from './table-reader.ts';

type Piece = LogEntry & { readonly kind: 'lookup' };

/** What a file said: its bytes, and their SHA-256 in hex. */
interface Content {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** The same with the rows that have been made of it, by the seed of this process. */
export interface TableContent extends Content {
  readonly table: Id;
  readonly rows: LookupTable;
}

/** A table under the plan in force. */
export class LoadedTable implements TableState {
  readonly kind = 'table';
  readonly plan: TablePlan;
  rows: LookupTable | undefined;
  /** Of what it has; undefined: nothing yet. */
  hash: string | undefined;

  constructor(plan: TablePlan) {
    this.plan = plan;
  }

  get current(): TableRows {
    assert(this.rows !== undefined, `a record comes before the table of ${this.plan.name}`);
    return this.rows;
  }

  open(): Open {
    return { windows: 0, groups: 0, tableRows: this.rows?.size ?? 0 };
  }
}

export class Tables {
  readonly #seed: number;
  readonly #loaded = new Map<Id, LoadedTable>();
  /** Whole, of tables that no plan has had yet. */
  readonly #early = new Map<Id, Content>();
  /** Of which pieces are still to come. */
  #coming: (Content & { filled: number }) | undefined;
  /** Made aside of what will come. */
  readonly #made = new Map<Id, TableContent>();

  /** @param seed of the hashes of keys */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Those of the plan in force, by id. */
  get loaded(): ReadonlyMap<Id, LoadedTable> {
    return this.#loaded;
  }

  /** The table of a plan that comes into force, with what it has had, or what has come for it. */
  open(plan: TablePlan): LoadedTable {
    const known = this.#loaded.get(plan.id);
    if (known !== undefined) return known;
    const table = new LoadedTable(plan);
    this.#loaded.set(plan.id, table);
    const early = this.#early.get(plan.id);
    if (early !== undefined) this.#load(table, early);
    return table;
  }

  /** Forgets all tables but those of the plan in force: an id is never given to another. */
  keep(ids: ReadonlySet<Id>): void {
    for (const id of this.#loaded.keys()) if (!ids.has(id)) this.#loaded.delete(id);
    this.#early.clear();
    this.#made.clear();
  }

  /**
   * What the log will bring, with its rows, which then need not be made again: while a change waits for them, no
   * lane is read. Whether it is called, and when, shows in nothing else.
   */
  expect(content: TableContent): void {
    this.#made.set(content.table, content);
  }

  /** Takes a content, or a piece of one: nothing else of the log stands between two pieces of one. */
  take({ table, hash, size, offset, bytes }: Piece): void {
    if (offset === 0) {
      this.#coming = { hash, bytes: new Uint8Array(size), filled: 0 };
    }
    const coming = this.#coming;
    const follows = coming?.hash === hash && coming.filled === offset;
    assert(coming !== undefined && follows, `a piece of table ${table} is missing`);
    coming.bytes.set(bytes, offset);
    coming.filled += bytes.length;
    if (coming.filled < size) return;
    this.#coming = undefined;
    const loaded = this.#loaded.get(table);
    if (loaded === undefined) this.#early.set(table, coming);
    else this.#load(loaded, coming);
  }

  #load(into: LoadedTable, { hash, bytes }: Content): void {
    const made = this.#made.get(into.plan.id);
    this.#made.delete(into.plan.id);
    into.rows = made?.hash === hash ? made.rows : this.#read(into.plan, bytes);
    into.hash = hash;
  }

  #read(plan: TablePlan, bytes: Uint8Array): LookupTable {
    const reading = readTable(plan, bytes, this.#seed);
    assert('rows' in reading, `the log has a content that is no table of ${plan.name}`);
    return reading.rows;
  }
}
