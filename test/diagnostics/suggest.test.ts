import { describe, expect, test } from '@jest/globals';
import { nearest } from '../../src/diagnostics/suggest.ts';

describe('nearest', () => {
  test('finds the candidate that differs by a slip of the fingers', () => {
    expect(nearest('biling', ['shipping', 'billing'])).toBe('billing');
    expect(nearest('form', ['fields', 'from'])).toBe('from');
    expect(nearest('Filter', ['filter', 'select'])).toBe('filter');
    expect(nearest('tumbling', ['batch', 'tumble'])).toBe('tumble');
  });

  test('stays silent rather than far-fetched', () => {
    expect(nearest('orders', ['payments', 'fields'])).toBeUndefined();
    expect(nearest('id', ['to', 'by'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
    expect(nearest('a'.repeat(10_000), ['a'.repeat(10_001)])).toBeUndefined();
  });

  test('never suggests the word itself, and breaks ties by the order of text', () => {
    expect(nearest('lane', ['lane'])).toBeUndefined();
    expect(nearest('late', ['lane', 'lake', 'lace'])).toBe('lace');
  });
});

test('a word of one letter is another word, unless only its case differs', () => {
  expect(nearest('c', ['a', 'b'])).toBeUndefined();
  expect(nearest('S', ['a', 's'])).toBe('s');
});

test('the beginning of one word, and of no other, is that word', () => {
  expect(nearest('len', ['length', 'lower'])).toBe('length');
  expect(nearest('sub', ['substring', 'subtract'])).toBeUndefined();
  expect(nearest('le', ['length'])).toBeUndefined();
  expect(nearest('length', new Set(['length']).keys())).toBeUndefined();
});
