/** One record as a JSON object, for those who look at records one by one. */
import type { Column } from '../stream/column.ts';
import type { Schema } from '../stream/schema.ts';
import { ByteArea } from './byte-area.ts';
import { jsonKey, writeJsonObject } from './json-writer.ts';
import { namesOf } from './message.ts';

export interface JsonRowEncoder {
  /** @returns memory of the encoder, valid until its next call */
  encode(columns: readonly Column[], row: number): Uint8Array;
}

export function createJsonRowEncoder({ fields }: Schema): JsonRowEncoder {
  const names = namesOf(fields, jsonKey);
  const area = new ByteArea();
  return {
    encode(columns, row) {
      area.clear();
      writeJsonObject(area, columns, names, row);
      return area.written();
    },
  };
}
