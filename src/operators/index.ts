/** The operators there are. One is added by its file and one line here. */
import { aggregate } from './aggregate.ts';
import { dedupe } from './dedupe.ts';
import { explode } from './explode.ts';
import { filter } from './filter.ts';
import { join } from './join.ts';
import { lookup } from './lookup.ts';
import type { AnyOperatorDefinition, OperatorDefinition } from './operator.ts';
import { over } from './over.ts';
import { route } from './route.ts';
import { select } from './select.ts';
import { top } from './top.ts';
import { union } from './union.ts';

/** Only a definition knows its own two types; whoever holds the list passes them back unseen. */
function known<Spec, Checked>(
  definition: OperatorDefinition<Spec, Checked>,
): AnyOperatorDefinition {
  return definition as unknown as AnyOperatorDefinition;
}

export const operators: readonly AnyOperatorDefinition[] = [
  known(filter),
  known(select),
  known(explode),
  known(union),
  known(route),
  known(aggregate),
  known(join),
  known(dedupe),
  known(lookup),
  known(top),
  known(over),
];
