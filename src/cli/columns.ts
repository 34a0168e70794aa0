/** Cells of text side by side: every column as wide as its widest cell, whatever the script. */
import { cells } from '../diagnostics/cells.ts';

/** @returns a line for each row; the last column is not padded */
export function columnLines(rows: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = rows;
  const widths = first.map((_, i) => Math.max(...rows.map((row) => cells(row[i]))));
  return rows.map((row) =>
    row
      .map((text, i) => text + ' '.repeat(widths[i] - cells(text)))
      .join('   ')
      .trimEnd(),
  );
}
