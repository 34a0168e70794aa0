/**
 * The canonical text of a syntax tree: keywords in capitals, one space around operators, parentheses only
 * where the tree needs them. Parsing it gives the same tree. Printers for other dialects stand beside it.
 */
import { formatInstant } from '../stream/time.ts';
import type { Node } from './ast.ts';
import type { Constant } from './expression.ts';

/** Binding strength, weakest first. */
const LAMBDA = 0;
const OR = 1;
const AND = 2;
const NOT = 3;
const PREDICATE = 4;
const SUM = 5;
const PRODUCT = 6;
const UNARY = 7;
const POSTFIX = 8;

const BARE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that mean something else where a name could stand. */
const KEYWORDS = new Set(
  (
    'AND OR NOT IS IN BETWEEN LIKE RLIKE CASE WHEN THEN ELSE END NULL TRUE FALSE DIV DISTINCT ' +
    'TIMESTAMP INTERVAL SELECT'
  ).split(' '),
);

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "''",
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
};

/** A text literal that reads back as `value`. */
export function printText(value: string): string {
  return `'${value.replace(/[\\'\n\t\r]/g, (c) => ESCAPES[c])}'`;
}

/** A name, in backticks where it needs them. */
export function printName(name: string): string {
  return BARE_NAME.test(name) && !KEYWORDS.has(name.toUpperCase())
    ? name
    : `\`${name.replaceAll('`', '``')}\``;
}

function printDouble(value: number): string {
  const text = String(value);
  return /^\d+$/.test(text) ? `${text}D` : text;
}

/** A literal of the value, which has no place for what is written around it. */
export function printConstant({ type, value }: Constant): string {
  if (typeof value === 'string') return printText(value);
  if (typeof value !== 'number') return String(value).toUpperCase();
  if (type.kind === 'timestamp') return `TIMESTAMP '${formatInstant(value)}'`;
  return type.kind === 'double' ? printDouble(value) : String(value);
}

function strengthOf(node: Node): number {
  switch (node.kind) {
    case 'or':
      return OR;
    case 'and':
      return AND;
    case 'not':
      return NOT;
    case 'comparison':
    case 'is':
    case 'between':
    case 'in':
      return PREDICATE;
    case 'arithmetic':
      return ['+', '-', '||'].includes(node.operator) ? SUM : PRODUCT;
    case 'minus':
      return UNARY;
    case 'lambda':
      return LAMBDA;
    case 'later':
      return OR;
    default:
      return POSTFIX;
  }
}

/** Prints with parentheses if the node binds less than `least`. */
function at(least: number, node: Node): string {
  const text = print(node);
  return strengthOf(node) < least ? `(${text})` : text;
}

function printCase(node: Node & { kind: 'case' }): string {
  const subject = node.subject === undefined ? '' : ` ${print(node.subject)}`;
  const branches = node.branches.map(
    ({ when, gives }) => ` WHEN ${print(when)} THEN ${print(gives)}`,
  );
  const otherwise = node.otherwise === undefined ? '' : ` ELSE ${print(node.otherwise)}`;
  return `CASE${subject}${branches.join('')}${otherwise} END`;
}

function printCall(node: Node & { kind: 'call' }): string {
  const args = node.star ? '*' : node.args.map(print).join(', ');
  const filter = node.filter === undefined ? '' : ` FILTER (WHERE ${print(node.filter)})`;
  const distinct = node.distinct === undefined ? '' : 'DISTINCT ';
  return `${node.name}(${distinct}${args})${filter}`;
}

/** @returns text that parses to the same tree, spans aside */
export function print(node: Node): string {
  switch (node.kind) {
    case 'long':
      return node.digits;
    case 'double':
      return printDouble(node.value);
    case 'string':
      return printText(node.value);
    case 'timestamp':
      return `TIMESTAMP ${printText(node.value)}`;
    case 'boolean':
      return node.value ? 'TRUE' : 'FALSE';
    case 'null':
      return 'NULL';
    case 'name':
      return printName(node.name);
    case 'field': {
      // `0.a` would begin with the number `0.`.
      const isNumber = node.base.kind === 'long' || node.base.kind === 'double';
      const base = isNumber ? `(${print(node.base)})` : at(POSTFIX, node.base);
      return `${base}.${printName(node.name)}`;
    }
    case 'index':
      return `${at(POSTFIX, node.base)}[${print(node.index)}]`;
    case 'minus':
      // Two signs side by side would begin a comment.
      return node.operand.kind === 'minus'
        ? `-(${print(node.operand)})`
        : `-${at(UNARY, node.operand)}`;
    case 'not':
      return `NOT ${at(NOT, node.operand)}`;
    case 'arithmetic': {
      const strength = strengthOf(node);
      return `${at(strength, node.left)} ${node.operator} ${at(strength + 1, node.right)}`;
    }
    case 'comparison':
      return `${at(SUM, node.left)} ${node.operator} ${at(SUM, node.right)}`;
    case 'and':
      return node.operands.map((operand) => at(NOT, operand)).join(' AND ');
    case 'or':
      return node.operands.map((operand) => at(AND, operand)).join(' OR ');
    case 'is':
      return `${at(SUM, node.operand)} IS ${node.negated ? 'NOT ' : ''}${node.what}`;
    case 'between': {
      const not = node.negated ? 'NOT ' : '';
      return `${at(SUM, node.operand)} ${not}BETWEEN ${at(SUM, node.low)} AND ${at(SUM, node.high)}`;
    }
    case 'in':
      return `${at(SUM, node.operand)} ${node.negated ? 'NOT ' : ''}IN (${node.options.map(print).join(', ')})`;
    case 'case':
      return printCase(node);
    case 'cast':
      return `${node.written}(${print(node.operand)} AS ${printName(node.type)})`;
    case 'call':
      return printCall(node);
    case 'lambda': {
      const names = node.names.map(printName).join(', ');
      return `${node.names.length === 1 ? names : `(${names})`} -> ${print(node.body)}`;
    }
    case 'later':
      return node.text;
  }
}
