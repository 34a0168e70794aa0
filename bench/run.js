/** `npm run bench -- NAME [--records N] [--rounds N]`: names are those of `NAMES`. */
const NAMES = ['ingest', 'aggregate', 'join', 'passthrough', 'reload', 'validate'];
const [name, ...rest] = process.argv.slice(2);
const option = (flag) => {
  const at = rest.indexOf(`--${flag}`);
  return at < 0 ? undefined : Number(rest[at + 1]);
};
if (!NAMES.includes(name)) {
  console.error(`which bench? ${NAMES.join(', ')}`);
  process.exit(2);
}
const { run } = await import(`./${name}.js`);
await run({ records: option('records'), rounds: option('rounds') ?? 3 });
