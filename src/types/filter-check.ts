import { FilterError } from './filter-error.js';
import { parseFilter, type Expression } from './filter-expression.js';
import { levelNames } from './levels-in-order.js';

/** All expressions in the tree, itself included. */
export function* partsOf(expression: Expression): Generator<Expression> {
  yield expression;
  if (expression.kind === 'not') yield* partsOf(expression.inner);
  if (expression.kind !== 'and' && expression.kind !== 'or') return;
  yield* partsOf(expression.left);
  yield* partsOf(expression.right);
}

/** The fields that hold a level, whose values have an order of their own. */
export const isLevelField = (field: string): boolean => field === 'level' || field === 'log.level';
/** The fields that hold the record's time. */
export const isTimeField = (field: string): boolean => field === 'time' || field === '@timestamp';

/** Reads a filter and sees that its levels and times are some. @throws FilterError */
export function readFilter(text: string): Expression {
  const whole = parseFilter(text);
  for (const part of partsOf(whole)) {
    if (part.kind === 'compare') checkValue(part.field, part.value, part.column);
    if (part.kind === 'in') for (const { value, column } of part.values) checkValue(part.field, value, column);
  }
  return whole;
}

function checkValue(field: string, value: unknown, column: number): void {
  if (isLevelField(field) && !levelNames.some((name) => name === value))
    throw new FilterError(`"${String(value)}" is no level; there are: ${levelNames.join(', ')}`, column);
  if (isTimeField(field) && (typeof value !== 'string' || Number.isNaN(Date.parse(value))))
    throw new FilterError(`"${String(value)}" is no time; write "2026-11-20T09:15:02Z"`, column);
}

/** What is wrong with a filter but for its patterns: `column 12: …`; undefined when nothing is. */
export function filterFlaw(text: string): string | undefined {
  try {
    readFilter(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The patterns of a filter that is well, with their columns. */
export const patternsOf = (text: string): readonly { readonly pattern: string; readonly column: number }[] =>
  [...partsOf(readFilter(text))].flatMap((part) =>
    part.kind === 'matches' ? [{ pattern: part.pattern, column: part.column }] : [],
  );
