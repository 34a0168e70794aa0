/** Edits of the file of a running flow, as they come: by a save that is followed, by SIGHUP, one at a time. */
import { type EditAnswer, type EditedFile, editFile, editText } from '../runner/edit.ts';
import { FollowedFile } from '../runner/followed-file.ts';
import type { Runner } from '../runner/runner.ts';
import { systemClock } from '../stream/clock.ts';
import { answerLines } from './change-lines.ts';
import { painter } from './terminal.ts';

const REQUEST = { dryRun: false, allowReset: [] };

export class Edits {
  readonly #runner: Runner;
  readonly #edited: EditedFile;
  readonly #followed: FollowedFile | undefined;
  #closed = false;

  /** @param known what the file said at the start; undefined: it is not followed */
  constructor(runner: Runner, edited: EditedFile, known: Uint8Array | undefined) {
    this.#runner = runner;
    this.#edited = edited;
    this.#followed =
      known &&
      new FollowedFile({
        file: edited.file,
        known,
        clock: systemClock,
        onChange: async (bytes) => this.#tell(await editText(runner, edited, bytes, REQUEST)),
        onMissing: (why) =>
          this.#say(`the file can't be read: ${why}. The flow goes on as it was.\n`),
      });
  }

  /** Reads the file now. */
  now(): void {
    void editFile(this.#runner, this.#edited, REQUEST).then((answer) => this.#tell(answer));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#followed?.close();
  }

  #tell(answer: EditAnswer): void {
    this.#say(answerLines(answer, painter(process.stderr)));
  }

  /** The time stands before the line that says what came of it: findings come first. */
  #say(lines: string): void {
    if (this.#closed) return;
    const time = new Date().toTimeString().slice(0, 8);
    process.stderr.write(lines.replace(/^(?=revision |refused: |the file )/m, `${time}  `));
  }
}
