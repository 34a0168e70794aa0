/** The codecs there are. One is added by its file, its plan in `codec.ts` and one line here. */
import type { CodecPlan, LineDecoder } from './codec.ts';
import { createCsvDecoder } from './csv.ts';
import { createNdjsonDecoder } from './ndjson.ts';
import { createPatternDecoder } from './pattern.ts';
import { createTextDecoder } from './text.ts';

export function createDecoder(plan: CodecPlan): LineDecoder {
  switch (plan.kind) {
    case 'ndjson':
      return createNdjsonDecoder(plan.fields, plan.closed);
    case 'csv':
      return createCsvDecoder(plan);
    case 'pattern':
      return createPatternDecoder(plan);
    case 'text':
      return createTextDecoder(plan.used, plan.lineEnd);
  }
}
