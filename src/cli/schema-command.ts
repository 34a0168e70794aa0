/** `roundabout schema`: the JSON Schema that editors complete and check a topology with. */
import type { CommandEntry } from './command.ts';

/** Where `--write` puts it, for a line `$schema=topology.schema.json` in a file beside it. */
const FILE = 'topology.schema.json';

export const schemaCommand: CommandEntry = {
  name: 'schema',
  summary: 'print the JSON Schema of topology files, for editors',
  define: (command, run) => {
    command
      .option('--write [path]', `write it to a file, ${FILE} unless named`)
      .action((options: { write?: string | true }) =>
        run(async () => {
          const [{ editorSchema }, { writeText }] = await Promise.all([
            import('../topology/editor-schema.ts'),
            import('./write-file.ts'),
          ]);
          const text = `${JSON.stringify(editorSchema, null, 2)}\n`;
          if (options.write === undefined) process.stdout.write(text);
          else {
            const path = options.write === true ? FILE : options.write;
            writeText(path, text);
            process.stderr.write(
              `wrote ${path}; a topology names it in its first line: # yaml-language-server: $schema=${path}\n`,
            );
          }
          return 0;
        }),
      );
  },
};
