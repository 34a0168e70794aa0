/**
 * Writes the committed texts that come from the source: the schema, the reference page, and the picture of
 * the quickstart. With `--check` it compares instead, and fails when one is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { referencePage } from './reference.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const [{ editorSchema }, { validateFile }, { flowGraph }, { graphSvg }] = await Promise.all(
  [
    'topology/editor-schema.js',
    'rules/validate.js',
    'topology/flow-graph.js',
    'cli/graph-svg.js',
  ].map(built),
);
const { topology, plan } = validateFile(join(root, 'pipelines/quickstart.yaml'));
const texts = new Map([
  ['schemas/topology.schema.json', `${JSON.stringify(editorSchema, null, 2)}\n`],
  ['docs/reference.md', await referencePage(built)],
  ['docs/quickstart.svg', graphSvg(flowGraph(topology, plan))],
]);

let stale = 0;
for (const [path, text] of texts) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is stale: run \`npm run generate\``);
    stale++;
  } else {
    writeFileSync(file, text);
    console.error(`wrote ${path}`);
  }
}
process.exit(stale === 0 ? 0 : 1);
