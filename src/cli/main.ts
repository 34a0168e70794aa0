/**
 * The command line. Nothing but commander and picocolors is loaded before a command is chosen, so
 * `--help` and `--version` cost what Node costs and little more.
 */
import { Command, CommanderError } from 'commander';
import { RoundaboutError } from '../stream/error.ts';
import { errorLines } from './error-lines.ts';
import { commands } from './index.ts';
import { sourceStack } from './source-stack.ts';
import { version } from './version.ts';

/** Usage that can't be understood. */
const EXIT_USAGE = 2;
/** A defect of ours. */
const EXIT_DEFECT = 70;

/** Prints what stopped a command and gives its exit code. */
function failed(error: unknown): number {
  if (error instanceof RoundaboutError) {
    process.stderr.write(errorLines(error));
    return error.exitCode;
  }
  const text = error instanceof Error ? sourceStack(error.stack ?? error.message) : String(error);
  process.stderr.write(
    `error internal  this is a defect of roundabout, please report it\n${text}\n`,
  );
  return EXIT_DEFECT;
}

/** Output that nobody reads any more (`roundabout ... | head`) ends the command quietly. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : EXIT_DEFECT);
});

/** A defect met where nobody waits for it: the process never goes on in a state that nobody planned. */
process.on('uncaughtException', (error) => process.exit(failed(error)));

const program = new Command('roundabout')
  .description('Streaming pipelines that one person describes in one YAML file.')
  .version(version(), '-V, --version')
  .showSuggestionAfterError(true)
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();
for (const { name, summary, hidden = false, define } of commands) {
  const command = program.command(name, { hidden }).description(summary).exitOverride();
  define(command, async (work) => {
    try {
      process.exitCode = await work();
    } catch (error) {
      // What is still open must not keep alive a process that can keep nothing any more.
      process.exit(failed(error));
    }
  });
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own sentence; help and version are no failure.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else process.exitCode = failed(error);
}
