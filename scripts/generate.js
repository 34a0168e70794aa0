/**
 * Writes the committed texts that come from the source: the schemas, the reference page, and the picture of
 * the quickstart. With `--check` it compares instead, and fails when one is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { referencePage } from './reference.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const load = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const { editorSchema } = await load('topology/editor-schema.js');
const { findingsSchema } = await load('diagnostics/findings-schema.js');
const { validateFile } = await load('rules/validate.js');
const { flowGraph } = await load('topology/flow-graph.js');
const { graphSvg } = await load('cli/graph-svg.js');
const { topology, plan } = validateFile(join(root, 'pipelines/quickstart.yaml'));
const texts = new Map([
  ['schemas/topology.schema.json', `${JSON.stringify(editorSchema, null, 2)}\n`],
  ['schemas/findings.schema.json', `${JSON.stringify(findingsSchema, null, 2)}\n`],
  ['docs/reference.md', await referencePage(load)],
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
