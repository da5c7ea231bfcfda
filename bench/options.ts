import { parseArgs } from 'node:util';
import { agents } from './agents/registry.js';
import { cases } from './cases/list.js';

export interface Options {
  readonly cases: readonly string[];
  readonly agents: readonly string[];
  readonly rounds: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly save: boolean;
  readonly render: string | undefined;
}

export const usage = `npm run bench -- [--quick] [--case a,b] [--agents a,b] [--rounds N] [--size 512MB] [--seconds N] [--save] [--render FILE.json]
  --quick    fewer cases, agents, bytes and rounds: about 3 minutes
  --size     bytes of input for a fast agent in a catch-up case; a slow one gets a quarter
  --seconds  how long live and idle cases are watched
  --save     writes bench/results/DATE.json and .md, as a run of everything does
  --render   runs nothing: makes Markdown, plot and docs/performance.md anew from a result file
cases:  ${cases.map(({ id }) => id).join(' ')}
agents: ${agents.map(({ id }) => id).join(' ')}`;

/** @throws Error that says what is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string' },
      agents: { type: 'string' },
      rounds: { type: 'string' },
      size: { type: 'string' },
      seconds: { type: 'string' },
      save: { type: 'boolean' },
      render: { type: 'string' },
    },
  });
  const { quick } = values;
  return {
    quick,
    cases:
      values.case === undefined
        ? cases.filter((one) => !quick || one.quick).map(({ id }) => id)
        : names(values.case, cases, 'case'),
    agents:
      values.agents === undefined
        ? agents.filter(({ id }) => !quick || quickAgents.includes(id)).map(({ id }) => id)
        : names(values.agents, agents, 'agent'),
    rounds: number(values.rounds ?? (quick ? '1' : '3'), 'rounds'),
    bytes: sizeBytes(values.size ?? (quick ? '128MB' : '512MB')),
    seconds: number(values.seconds ?? (quick ? '6' : '12'), 'seconds'),
    save: values.save ?? (!quick && values.case === undefined && values.agents === undefined),
    render: values.render,
  };
}

const quickAgents = ['pannier', 'control', 'naive', 'rsyslog', 'syslog-ng'];

function names(list: string, all: readonly { readonly id: string }[], what: string): string[] {
  const wanted = list.split(',');
  for (const name of wanted)
    if (!all.some(({ id }) => id === name))
      throw new Error(`no ${what} is named ${name}; there are ${all.map(({ id }) => id).join(', ')}`);
  return wanted;
}

function number(text: string, what: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${what} takes a whole number from 1 on`);
  return value;
}

function sizeBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)(MB|GB)$/.exec(text) ?? [];
  if (digits === '') throw new Error('--size takes a number with MB or GB');
  return Number(digits) * (unit === 'GB' ? 1e9 : 1e6);
}
