/**
 * A topology file as data that knows where each value stands. `readDocument` never throws and never takes
 * long, whatever the bytes: what it can't read is a finding. Whether the data means anything is for others.
 */
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts';
import type { Path } from '../diagnostics/report.ts';
import { decodeText } from './decode-text.ts';
import { type Remark, remarkToDiagnostic } from './remark.ts';
import { SourceText } from './source-text.ts';
import type { Value } from './value.ts';
import { parseYaml } from './yaml-parse.ts';
import { valueOffset } from './yaml-scalar.ts';
import { type Spot, spotRange, type TextRange, walkTo } from './yaml-spot.ts';

export interface PlaceOptions {
  /** The key itself is meant, not its value. */
  readonly onKey?: boolean;
  /** Half-open range of UTF-16 units inside the scalar's value. */
  readonly span?: readonly [start: number, end: number];
}

export interface Document {
  readonly file: string;
  /** What excerpts are cut from. Empty when the bytes are no text. */
  readonly text: string;
  /** undefined: there is nothing to judge further. */
  readonly data: Value | undefined;
  readonly findings: readonly Diagnostic[];
  /** Parts that YAML read otherwise than the author meant; their fields are not to be judged. */
  readonly unclear: readonly Path[];
  /** Where a value is written; of a path that leads nowhere, the nearest place above it. */
  place(path: Path, options?: PlaceOptions): Place;
  /** Where the alias stands through which a path leads to what an anchor wrote. */
  alias(path: Path): Place | undefined;
  /** Comments, from their `#` to the end of the line. */
  readonly comments: readonly TextRange[];
  /** The place of a half-open range of UTF-16 units in the text. */
  placeOf(range: TextRange): Place;
  /** Where a scalar is written, quotes included. */
  range(path: Path): TextRange | undefined;
  /** A scalar's own text as written, quotes included: the digits of a number. */
  source(path: Path): string | undefined;
}

/**
 * Reads one YAML document.
 * @param text bytes are read as UTF-8; a string as it is
 * @param file the name that findings carry
 */
export function readDocument(text: string | Uint8Array, file: string): Document {
  const decoded = decodeText(text, file);
  if (!decoded.ok)
    return new ReadDocument(new SourceText(file, ''), undefined, decoded.findings, [], []);
  const source = new SourceText(file, decoded.value);
  const { root, remarks, unclear, comments } = parseYaml(source.text);
  const findings = [...remarks]
    .sort(byPosition)
    .map((remark) => remarkToDiagnostic(remark, source));
  return new ReadDocument(source, root, findings, unclear, comments);
}

function byPosition(a: Remark, b: Remark): number {
  return a.start - b.start;
}

class ReadDocument implements Document {
  readonly file: string;
  readonly text: string;
  readonly data: Value | undefined;
  readonly findings: readonly Diagnostic[];
  readonly unclear: readonly Path[];
  readonly comments: readonly TextRange[];
  readonly #source: SourceText;
  readonly #root: Spot | undefined;

  constructor(
    source: SourceText,
    root: Spot | undefined,
    findings: readonly Diagnostic[],
    unclear: readonly Path[],
    comments: readonly TextRange[],
  ) {
    this.file = source.file;
    this.text = source.text;
    this.data = root?.value;
    this.findings = findings;
    this.unclear = unclear;
    this.comments = comments;
    this.#source = source;
    this.#root = root;
  }

  place(path: Path, options: PlaceOptions = {}): Place {
    const { spot, key, whole } = walkTo(this.#root, path);
    if (spot === undefined) return this.#source.place(0, 0);
    if (options.span !== undefined && whole) {
      const [start, end] = options.span;
      const from = valueOffset(this.#source.text, spot, start);
      const last = valueOffset(this.#source.text, spot, Math.max(start, end - 1));
      return this.#source.place(from, last + (end > start ? 1 : 0));
    }
    const onKey = key !== undefined && (options.onKey === true || !whole);
    const [start, end] = onKey ? key : spotRange(spot, key, this.#source.text);
    return this.#source.place(start, end);
  }

  alias(path: Path): Place | undefined {
    const { alias } = walkTo(this.#root, path);
    return alias && this.#source.place(alias[0], alias[1]);
  }

  placeOf([start, end]: TextRange): Place {
    return this.#source.place(start, end);
  }

  range(path: Path): TextRange | undefined {
    const { spot, whole } = walkTo(this.#root, path);
    if (!whole || spot === undefined || spot.style === 'collection') return undefined;
    return [spot.start, spot.end];
  }

  source(path: Path): string | undefined {
    const range = this.range(path);
    return range && this.#source.text.slice(...range);
  }
}
