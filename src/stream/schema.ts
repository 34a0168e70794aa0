/**
 * The types of record fields and the shape of a stream. Type names are Spark's DDL words in lower case.
 * `map` is a type of its own (string keys); it cannot be compared and cannot be a key.
 */
export type DataType =
  | { readonly kind: 'boolean' | 'long' | 'double' | 'string' | 'timestamp' | 'interval' }
  | { readonly kind: 'array'; readonly element: DataType }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'map'; readonly value: DataType };

export interface Field {
  readonly name: string;
  readonly type: DataType;
  /** false: the checker has proved that the field is never NULL, so kernels may skip validity. */
  readonly nullable: boolean;
}

/** The visible fields of a stream, in output order. Names are unique and case-sensitive. */
export interface Schema {
  readonly fields: readonly Field[];
}

/** Columns that travel unseen beside a record's own; no field takes one of these names. */
export const HIDDEN_FIELDS = [
  '_time',
  '_ingest_time',
  '_lane',
  '_raw',
  '_late',
  '_late_by',
] as const;
/** Names of record fields, as a pattern of JSON Schema: any text but those. */
export const FIELD_NAME_PATTERN = `^(?!(${HIDDEN_FIELDS.join('|')})$)[\\s\\S]+$`;

export const BOOLEAN: DataType = { kind: 'boolean' };
export const LONG: DataType = { kind: 'long' };
export const DOUBLE: DataType = { kind: 'double' };
export const STRING: DataType = { kind: 'string' };
export const TIMESTAMP: DataType = { kind: 'timestamp' };
export const INTERVAL: DataType = { kind: 'interval' };

/** @returns the position of a field, or -1 */
export function fieldIndex(schema: Schema, name: string): number {
  return schema.fields.findIndex((field) => field.name === name);
}

/** Structural equality; nullability does not count. */
export function sameType(a: DataType, b: DataType): boolean {
  if (a.kind === 'array' && b.kind === 'array') return sameType(a.element, b.element);
  if (a.kind === 'map' && b.kind === 'map') return sameType(a.value, b.value);
  if (a.kind === 'struct' && b.kind === 'struct') {
    return (
      a.fields.length === b.fields.length &&
      a.fields.every((field, i) => {
        const other = b.fields[i];
        return other !== undefined && other.name === field.name && sameType(field.type, other.type);
      })
    );
  }
  return a.kind === b.kind;
}

/** The type as an author writes it: `array<struct<a: long>>`. */
export function typeText(type: DataType): string {
  switch (type.kind) {
    case 'array':
      return `array<${typeText(type.element)}>`;
    case 'map':
      return `map<string, ${typeText(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((f) => `${f.name}: ${typeText(f.type)}`).join(', ')}>`;
    default:
      return type.kind;
  }
}
