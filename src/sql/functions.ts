/** All functions, by name in lower case, and the names that are kept for later. */
import { aggregates } from './aggregates.ts';
import type { FunctionDefinition } from './function.ts';
import { buildFunctions } from './functions-build.ts';
import { collectionFunctions } from './functions-collection.ts';
import { editFunctions } from './functions-edit.ts';
import { hashFunctions } from './functions-hash.ts';
import { jsonFunctions } from './functions-json.ts';
import { lambdaFunctions } from './functions-lambda.ts';
import { logicFunctions } from './functions-logic.ts';
import { mathFunctions } from './functions-math.ts';
import { regexpFunctions } from './functions-regexp.ts';
import { textFunctions } from './functions-text.ts';
import { timeFunctions } from './functions-time.ts';

export const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  [
    ...[logicFunctions, mathFunctions, textFunctions, editFunctions],
    ...[regexpFunctions, timeFunctions, collectionFunctions, buildFunctions],
    ...[lambdaFunctions, hashFunctions, jsonFunctions],
  ]
    .flat()
    .map((definition) => [definition.name, definition]),
);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** Functions of the language that can't run yet. */
export const laterFunctions = words('map_keys map_values xxhash64');

/** Aggregates are known by name everywhere, so that one in the wrong place is told as such. */
export const aggregateNames: ReadonlySet<string> = new Set(
  [...aggregates.values()].map(({ name }) => name),
);
