/** The typed tree of a checked expression; only `sql` looks inside. Placeholder until the checker lands. */
export interface TypedNode {
  readonly kind: string;
}
