import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { projectRoot } from './agent-process.js';

/** One instruction, its continuation lines joined. */
export interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly text: string;
}

/** The stages of the Dockerfile: what stands before the first FROM, then each from its FROM on. */
export function readStages(): readonly (readonly Instruction[])[] {
  const lines = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line));
  const stages: Instruction[][] = [[]];
  for (const line of lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')) {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text });
  }
  return stages;
}

export interface Copy {
  /** The stage it copies from; undefined: the build's context. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** The COPY lines of a stage, in order. */
export function copiesOf(stage: readonly Instruction[]): readonly Copy[] {
  return stage
    .filter(({ name }) => name === 'COPY')
    .map(({ text }) => {
      const words = text.split(/\s+/);
      const paths = words.filter((word) => !word.startsWith('--'));
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
    });
}

/** The argument of a stage's last `name`. Of a list in JSON (exec form) its items, joined by blanks. */
export function wordsOf(stage: readonly Instruction[], name: string): readonly string[] {
  const text = stage.findLast((instruction) => instruction.name === name)?.text ?? '';
  return text.startsWith('[') ? [...text.matchAll(/"([^"]*)"/g)].map(([, word]) => word ?? '') : text.split(/\s+/);
}

/** Whether a path of the checkout is in the build's context: of the patterns that match it or a folder above it, the last one decides. */
export function isInContext(path: string): boolean {
  const patterns = readFileSync(join(projectRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line));
  const parts = path.split('/');
  const above = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  const last = patterns.findLast((pattern) => {
    const matches = picomatch(pattern.replace(/^!/, ''), { dot: true });
    return above.some((folder) => matches(folder));
  });
  return last === undefined || last.startsWith('!');
}
