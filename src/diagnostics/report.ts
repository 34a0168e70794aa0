/**
 * Where a layer that knows no file positions puts what it found: a slug and the path of the field. Who
 * owns the document turns paths into places and slugs into severities.
 */
/** Keys and indexes from the top of the document: `['operators', 'counts', 'fields', 'n']`. */
export type Path = readonly (string | number)[];

export interface Finding {
  readonly rule: string;
  readonly path: Path;
  /** The key itself is at fault, not its value. */
  readonly onKey?: boolean;
  /** Half-open range of UTF-16 units inside the scalar's value, for expressions. */
  readonly span?: readonly [start: number, end: number];
  readonly message: string;
  readonly hint?: string;
  readonly related?: readonly { readonly path: Path; readonly message: string }[];
  /** From the scalar at `path`, as written, to what mends it and changes nothing else; undefined: nothing does. */
  readonly fix?: (written: string) => string | undefined;
}

export interface Report {
  add(finding: Finding): void;
}

/** A report whose paths are relative to an element: what an operator is given. */
export function below(report: Report, base: Path): Report {
  return {
    add: (finding) =>
      report.add({
        ...finding,
        path: [...base, ...finding.path],
      }),
  };
}
