/** Checks lambdas: their names are those of an element and its place, before any other of that name. */
import { type DataType, LONG } from '../stream/schema.ts';
import type { Node } from './ast.ts';
import type { Checker } from './checker.ts';
import type { Found, Scope, Slot } from './expression.ts';
import type { Lambda } from './function.ts';

/** The names of a lambda, and what can be named around it. */
export class LambdaScope implements Scope {
  readonly names: readonly string[];
  readonly #own: ReadonlyMap<string, Found>;
  readonly #outer: Scope;

  constructor(own: ReadonlyMap<string, Found>, outer: Scope) {
    this.#own = own;
    this.#outer = outer;
    this.names = [...own.keys(), ...outer.names];
  }

  find(name: string, qualifier: string | null): Found | 'ambiguous' | undefined {
    const own = qualifier === null ? this.#own.get(name) : undefined;
    return own ?? this.#outer.find(name, qualifier);
  }
}

/**
 * @param name of the function that takes the lambda
 * @param most how many names it may have: one for the element, and one for its place from 0
 */
export function checkLambda(
  checker: Checker,
  node: Node & { readonly kind: 'lambda' },
  element: DataType,
  name: string,
  most: number,
): Lambda | undefined {
  const { names } = node;
  if (names.length > most) {
    const wants = most === 1 ? 'one name' : 'one or two names';
    const message = `the lambda of ${name} has ${wants}, not ${names.length}`;
    return checker.report('wrong-arity', node, message);
  }
  if (names[0] === names[1]) {
    return checker.report('ambiguous-column', node, `both names of the lambda are "${names[0]}"`);
  }
  // One object for each, as they are told apart by identity.
  const slots = names.map((): Slot => ({ from: 'parameter' }));
  const own = new Map<string, Found>();
  for (const [i, name] of names.entries()) {
    own.set(name, { slot: slots[i], type: i === 0 ? element : LONG, nullable: i === 0 });
  }
  const outer = checker.scope;
  checker.scope = new LambdaScope(own, outer);
  const body = checker.check(node.body);
  checker.scope = outer;
  return body && { slots, body, text: checker.textOf(node) };
}
