import { isLevelField, isTimeField } from '../types/filter-check.js';
import type { Comparison, Expression, Value } from '../types/filter-expression.js';
import { levelNames, rankOf } from '../types/levels-in-order.js';
import type { LinearRegex } from '../types/linear-regex.js';
import type { Level, LogRecord } from '../types/record.js';
import { fieldReader, type FieldValue, type ReadField } from './record-fields.js';

/** True for the records that pass. Never throws. */
export type Test = (record: LogRecord) => boolean;

export interface FilterParts {
  /** Root members that the agent adds to every record. */
  readonly statics: Readonly<Record<string, unknown>>;
  /** The compiled patterns of the filter, by their text. */
  readonly patterns: ReadonlyMap<string, LinearRegex>;
}

/** Makes a filter of an expression that `readFilter` has checked. A field that a record lacks makes each comparison with it false. */
export function compileFilter(expression: Expression, parts: FilterParts): Test {
  switch (expression.kind) {
    case 'and': {
      const [left, right] = [compileFilter(expression.left, parts), compileFilter(expression.right, parts)];
      return (record) => left(record) && right(record);
    }
    case 'or': {
      const [left, right] = [compileFilter(expression.left, parts), compileFilter(expression.right, parts)];
      return (record) => left(record) || right(record);
    }
    case 'not': {
      const inner = compileFilter(expression.inner, parts);
      return (record) => !inner(record);
    }
    default:
      return compileTest(expression, fieldReader(expression.field, parts.statics), parts);
  }
}

type FieldTest = Exclude<Expression, { readonly kind: 'and' | 'or' | 'not' }>;

function compileTest(test: FieldTest, read: ReadField, { patterns }: FilterParts): Test {
  switch (test.kind) {
    case 'exists':
      return (record) => read(record) !== undefined;
    case 'true':
      return (record) => [true, 'true'].includes(read(record) as string | boolean);
    case 'compare':
      return comparer(test.field, read, test.comparison, test.value);
    case 'in': {
      const tests = test.values.map(({ value }) => comparer(test.field, read, '==', value));
      return (record) => tests.some((each) => each(record));
    }
    case 'contains':
      return (record) => textOf(read(record))?.includes(test.text) ?? false;
    case 'matches': {
      const pattern = patterns.get(test.pattern);
      return (record) => {
        const text = textOf(read(record));
        return text !== undefined && pattern?.test(text) === true;
      };
    }
  }
}

function comparer(field: string, read: ReadField, comparison: Comparison, value: Value): Test {
  if (isLevelField(field)) {
    const rank = levelNames.findIndex((name) => name === value);
    return (record) => record.level !== undefined && holds(comparison, rankOf(record.level) - rank);
  }
  if (isTimeField(field)) {
    const timeMs = Date.parse(String(value));
    return ({ timeMs: own }) => !Number.isNaN(own) && holds(comparison, own - timeMs);
  }
  return (record) => {
    const own = read(record);
    if (own === undefined) return false;
    const difference = compare(own, value);
    return difference === undefined ? comparison === '!=' : holds(comparison, difference);
  };
}

/** Below, at or above 0; undefined: they can't be compared, and so differ. A number in quotes is one, as formats without types write them. */
function compare(own: FieldValue, value: Value): number | undefined {
  if (typeof value === 'number') {
    const number =
      typeof own === 'number' ? own : typeof own === 'string' && own.trim() !== '' ? Number(own) : Number.NaN;
    return Number.isNaN(number) ? undefined : number - value;
  }
  if (value === null || own === null) return value === own ? 0 : undefined;
  const text = textOf(own);
  if (text === undefined) return undefined;
  const other = String(value);
  return text < other ? -1 : Number(text > other);
}

function holds(comparison: Comparison, difference: number): boolean {
  switch (comparison) {
    case '==':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}

/** A value as text, an object or a list as its JSON. */
function textOf(value: FieldValue): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? value[0] : String(value);
}

/** PANNIER_MIN_LEVEL: a record without a level passes, for nothing says that it is unimportant. */
export function minLevel(least: Level): Test {
  const rank = rankOf(least);
  return ({ level }) => level === undefined || rankOf(level) >= rank;
}
