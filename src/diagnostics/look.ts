/**
 * How printed text may look: injected, so that who prints a finding knows nothing of terminals. Colour never
 * carries meaning alone.
 */
export interface Painter {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly info: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
}

export interface Look {
  readonly paint: Painter;
  /** false: only ASCII but for the author's own text. */
  readonly unicode: boolean;
}

const same = (text: string): string => text;

/** No colour at all. */
export const plainPainter: Painter = {
  error: same,
  warning: same,
  info: same,
  strong: same,
  dim: same,
};
