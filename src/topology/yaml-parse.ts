/**
 * YAML text to data with positions: limits first, then the parser with its own checks of keys switched off
 * (they cost the square of a mapping's size), then our walk. Never throws.
 */
import { Composer, type CST, type Document as YamlDocument } from 'yaml';
import type { Path } from '../diagnostics/report.ts';
import { oddBlanks } from './odd-blanks.ts';
import type { Remark } from './remark.ts';
import { scanYaml } from './yaml-limits.ts';
import { YamlReader } from './yaml-reader.ts';
import type { Spot, TextRange } from './yaml-spot.ts';
import { syntaxRemark } from './yaml-syntax.ts';

export interface Parsed {
  readonly root: Spot | undefined;
  readonly remarks: readonly Remark[];
  readonly unclear: readonly Path[];
  readonly comments: readonly TextRange[];
}

export function parseYaml(text: string): Parsed {
  const scanned = scanYaml(text);
  const remarks = [...scanned.remarks];
  remarks.push(...oddBlanks(text, scanned.plain));
  const { comments } = scanned;
  if (scanned.tokens === undefined) return { root: undefined, remarks, unclear: [], comments };

  const documents = scanned.tokens.filter((token) => token.type === 'document');
  const second = documents[1];
  if (second !== undefined) remarks.push(secondDocument(second));
  const composed = compose(scanned.tokens, second);
  const contents = composed?.contents ?? null;
  if (composed === undefined || (contents === null && composed.errors.length === 0)) {
    return { root: undefined, remarks: [...remarks, emptyFile()], unclear: [], comments };
  }
  // A tag is refused by our own walk, which goes on behind it.
  const problems = [...composed.errors, ...composed.warnings].filter(
    ({ code }) => code !== 'TAG_RESOLVE_FAILED',
  );
  const problem = problems.sort((a, b) => a.pos[0] - b.pos[0])[0];

  const reader = new YamlReader(text, problem?.pos[0]);
  const root = contents === null ? undefined : reader.read(contents);
  // A cut expression explains the parser's complaint behind it; both would be one cause twice.
  const explained = reader.cuts.some(
    (cut) => problem !== undefined && cut.explains(problem.pos[0]),
  );
  if (problem !== undefined && !explained) remarks.push(syntaxRemark(problem, text));
  if (problem === undefined) remarks.push(...reader.remarks);
  remarks.push(...reader.cuts.map((cut) => cut.remark));
  return {
    root: problem === undefined ? root : undefined,
    remarks,
    unclear: [...reader.cuts.map((cut) => cut.around), ...reader.unread],
    comments,
  };
}

/** Composes the first document only. */
function compose(
  tokens: readonly CST.Token[],
  second: CST.Token | undefined,
): YamlDocument.Parsed | undefined {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const first = tokens.slice(0, second === undefined ? tokens.length : tokens.indexOf(second));
  for (const document of composer.compose(first)) return document as YamlDocument.Parsed;
  return undefined;
}

function secondDocument(token: CST.Token): Remark {
  return {
    rule: 'unsupported-yaml',
    start: token.offset,
    end: token.offset + 3,
    message: 'a second document begins here',
    hint: 'a topology is one document: move this part to a file of its own',
  };
}

function emptyFile(): Remark {
  return { rule: 'empty-file', start: 0, end: 1, message: 'the file holds nothing but comments' };
}
