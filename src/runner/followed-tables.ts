/**
 * The files of tables of the running flow, followed: what is saved is read, judged, and loaded if it is a table.
 * One that is none changes nothing: the rows there are stay in use, and a notice says what is wrong.
 */
import { resolve } from 'node:path';
import { counted } from '../diagnostics/words.ts';
import { sizeProblem } from '../engine/table-reader.ts';
import { RoundaboutError } from '../stream/error.ts';
import type { Clock, Notify } from '../stream/port.ts';
import type { Plan } from '../topology/plan.ts';
import { FollowedFile } from './followed-file.ts';
import type { Shard } from './shard.ts';
import { contentOf, hashOf } from './tables.ts';

export interface FollowedTablesOptions {
  /** The folder of the topology. */
  readonly base: string;
  readonly shard: Shard;
  readonly clock: Clock;
  readonly notify: Notify;
  /** Runs it after edits that are under way, and before those that come. */
  readonly inTurn: (load: () => Promise<void>) => Promise<void>;
}

export class FollowedTables {
  readonly #options: FollowedTablesOptions;
  /** By path as it is written. */
  readonly #files = new Map<string, FollowedFile>();

  constructor(options: FollowedTablesOptions) {
    this.#options = options;
  }

  /** Follows the files of the plan in force, and no others. */
  update({ stages }: Plan): void {
    const { base, clock } = this.#options;
    const wanted = new Set(stages.flatMap(({ table }) => table?.file ?? []));
    for (const [file, followed] of this.#files) {
      if (wanted.has(file)) continue;
      this.#files.delete(file);
      void followed.close();
    }
    for (const file of wanted) {
      if (this.#files.has(file)) continue;
      const followed = new FollowedFile({
        file: resolve(base, file),
        tooLarge: (bytes) => sizeProblem(bytes)?.message,
        clock,
        onChange: (bytes) => this.#options.inTurn(() => this.#load(file, bytes)),
        onMissing: (why) => this.#tell(file, 'warning', `it can't be read: ${why}`),
      });
      this.#files.set(file, followed);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((followed) => followed.close()));
  }

  async #load(file: string, bytes: Uint8Array): Promise<void> {
    const { shard } = this.#options;
    const hash = hashOf(bytes);
    for (const { table } of shard.plan.stages) {
      if (table === null || table.file !== file || shard.tables.get(table.id)?.hash === hash)
        continue;
      try {
        await shard.load([contentOf(table, bytes, shard.hashSeed)]);
        const rows = counted(shard.tables.get(table.id)?.rows?.size ?? 0, 'row');
        this.#tell(file, 'info', `loaded again for ${table.name}: ${rows}`);
      } catch (error) {
        if (!(error instanceof RoundaboutError) || error.slug !== 'bad-table') throw error;
        this.#tell(
          file,
          'warning',
          `refused: ${error.message}; ${table.name} keeps the rows it has`,
        );
      }
    }
  }

  #tell(file: string, level: 'info' | 'warning', text: string): void {
    this.#options.notify({ level, about: `table ${file}`, text });
  }
}
