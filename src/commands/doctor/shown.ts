import { oneLine } from '../ask-agent.js';
import { countOf, type Finding } from './finding.js';

const words = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

/** A line for each finding, with what to do about it below it, and how it went as a whole. Paths and answers are not trusted with a terminal. */
export function shownText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, check, finding, next }) => [
    `${words[level]}  ${oneLine(check)}: ${oneLine(finding)}`,
    ...(next === '' ? [] : [`      ${oneLine(next)}`]),
  ]);
  return `${[...lines, summaryOf(findings)].join('\n')}\n`;
}

/** `{"ok":true,"checks":[{"level":"ok","check":"","finding":"","next":""}]}`. */
export const shownJson = (findings: readonly Finding[]): string =>
  `${JSON.stringify({ ok: !findings.some(({ level }) => level === 'fail'), checks: findings }, undefined, 2)}\n`;

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: Finding['level']): number => findings.filter(({ level }) => level === wanted).length;
  const warnings = count('warn') === 0 ? '' : `, ${countOf(count('warn'), 'warning')}`;
  if (count('fail') === 0) return `all is well${warnings}`;
  return `${countOf(count('fail'), 'check')} failed${warnings}`;
}
