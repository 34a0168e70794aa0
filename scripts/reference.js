/**
 * The page `docs/reference.md`: every field, operator, function, aggregate and rule, from the literals that the
 * schema, `explain` and the checks read.
 */

const HEAD = `# Reference
Generated from the source by \`npm run generate\`. Names that an author gives are left out of paths: \`exits.hold.ttl\` is the field \`ttl\` of
\`hold\` of any exit. \`roundabout explain PATH\` tells the same in a terminal, \`roundabout schema\` gives it to an editor.
`;

/** @param {(path: string) => Promise<any>} built imports a built module */
export async function referencePage(built) {
  const [
    { fieldList },
    { isComing },
    { plain },
    { operators },
    { functions },
    { aggregates },
    { rules },
    { DEAD_LETTER_REASONS },
  ] = await Promise.all(
    [
      'topology/field-list.js',
      'topology/coming-fields.js',
      'topology/editor-schema.js',
      'operators/index.js',
      'sql/functions.js',
      'sql/aggregates.js',
      'rules/index.js',
      'codecs/dead-letter-reasons.js',
    ].map(built),
  );
  const ready = new Set(operators.map(({ type }) => type));
  // What can't run yet is refused at its field; the page is of what can be used.
  const fields = fieldList().filter(
    ({ path }) =>
      path[0] !== 'operators' || path.length < 2 || path[1] === 'type' || ready.has(path[1]),
  );
  return [
    HEAD,
    ...sections(fields, operators).map(([title, words, rows]) =>
      section(title, words, rows, { plain, isComing }),
    ),
    functionSection([...functions.values()]),
    aggregateSection([...aggregates]),
    ruleSection(rules),
    reasonSection(Object.entries(DEAD_LETTER_REASONS)),
  ].join('\n');
}

/** Fields by the element they are of: its title, a sentence, its fields. */
function sections(fields, operators) {
  const under = (prefix, except = []) =>
    fields.filter(
      ({ path }) =>
        path.join('.').startsWith(`${prefix}.`) &&
        !except.some((other) => `${path.join('.')}.`.startsWith(`${prefix}.${other}.`)),
    );
  const top = fields.filter(({ path }) => path.length === 1);
  const common = new Set(['description', 'was', 'state']);
  const shared = under('operators.filter').filter(({ path }) => common.has(path[2]));
  return [
    ['The file', '', top],
    ...['amqp', 'http', 'state'].map((name) => [name, '', under(name)]),
    ['vehicles', 'By name.', under('vehicles', ['lanes'])],
    ['vehicles.lanes', 'By name.', under('vehicles.lanes')],
    ['operators', 'By name. Every operator has these fields besides its own.', shared],
    ...operators.map(({ type, summary }) => [
      `operators: ${type}`,
      summary,
      under(`operators.${type}`).filter(({ path }) => !common.has(path[2])),
    ]),
    ['exits', 'By name.', under('exits')],
    ['dead_letter', '', under('dead_letter')],
    ['tests', 'A list.', under('tests')],
  ].filter(([, , rows]) => rows.length > 0);
}

function section(title, words, rows, { plain, isComing }) {
  const depth = rows[0].path.length;
  const lines = rows.map((field) => {
    const name = field.path.slice(depth - 1).join('.');
    const [example] = field.examples;
    const shown = example === undefined ? '' : `\`${cell(plain(example))}\``;
    const coming = isComing(field) ? '*Not yet supported.* ' : '';
    return `| \`${name}\` | ${cell(field.values)} | ${coming}${cell(field.whole)} | ${shown} |`;
  });
  return `## ${title}\n${words === '' ? '' : `${words}\n`}\n| field | values | meaning | example |\n|---|---|---|---|\n${lines.join('\n')}\n`;
}

function functionSection(functions) {
  const rows = functions.map(
    ({ signature, doc, example: { text, gives } }) =>
      `| \`${cell(signature)}\` | ${cell(doc)} | \`${cell(text)}\` = \`${cell(gives)}\` |`,
  );
  return `## Functions\n\n| function | meaning | example |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function aggregateSection(aggregates) {
  const rows = aggregates.map(
    ([name, { doc, example }]) => `| \`${name}\` | ${cell(doc)} | \`${cell(example)}\` |`,
  );
  return `## Aggregates\n\n| aggregate | meaning | example |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function ruleSection(rules) {
  const rows = rules.map(
    ({ slug, severity, explain }) => `| \`${slug}\` | ${severity} | ${cell(explain)} |`,
  );
  return `## Rules\n\`roundabout explain RULE\` shows a file that breaks it, and the same file mended.\n\n| rule | severity | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function reasonSection(reasons) {
  const rows = reasons.map(([reason, meaning]) => `| \`${reason}\` | ${cell(meaning)} |`);
  return `## Reasons of dead letters\n\n| reason | meaning |\n|---|---|\n${rows.join('\n')}\n`;
}

/** Text in a table's cell: on one line, and a bar is no border. */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
