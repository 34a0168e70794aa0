/** DuckDB as the oracle: rows in, hand-written SQL over them, rows out. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export type SqlValue = number | string | boolean | null | readonly SqlValue[];
type SqlRow = Readonly<Record<string, SqlValue>>;

export class Oracle {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<Oracle> {
    const instance = await DuckDBInstance.create(':memory:');
    return new Oracle(await instance.connect());
  }

  /** Makes, or makes anew, a table of these rows. @param columns names and DuckDB's types */
  async table(
    name: string,
    columns: Readonly<Record<string, string>>,
    rows: readonly SqlRow[],
  ): Promise<void> {
    const names = Object.keys(columns);
    const types = names.map((column) => `"${column}" ${columns[column]}`).join(', ');
    await this.#connection.run(`CREATE OR REPLACE TABLE ${name} (${types})`);
    if (rows.length === 0) return;
    const values = rows.map((row) => `(${names.map((column) => literal(row[column])).join(', ')})`);
    await this.#connection.run(`INSERT INTO ${name} VALUES ${values.join(', ')}`);
  }

  /** Rows of a query; numbers of any width as numbers. */
  async rows(sql: string): Promise<SqlRow[]> {
    const reader = await this.#connection.runAndReadAll(sql);
    return reader.getRowObjectsJS().map((row) => {
      const entries = Object.entries(row).map(([name, value]): [string, SqlValue] => [
        name,
        plain(value as SqlValue | bigint),
      ]);
      return Object.fromEntries(entries);
    });
  }

  close(): void {
    this.#connection.closeSync();
  }
}

function plain(value: SqlValue | bigint): SqlValue {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : (value as SqlValue);
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'number' && Number.isNaN(value)) return "'NaN'::DOUBLE";
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** Rows as texts in one order: two of these are equal when their multisets of rows are. */
export function multiset(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  return rows
    .map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort();
}
