import type { Explanation } from '../../formats/explain.js';
import { IsoTime } from '../../kernel/iso-time.js';
import { changesOf, nameOf, type Fields, type Shown } from './shown.js';

const iso = new IsoTime();

/** The record's own time, RFC 3339 in UTC; null when its line has none. */
export const timeOf = ({ timeMs, timeText }: Fields, hasTime: boolean): string | null =>
  !hasTime ? null : timeText === '' ? iso.format(timeMs) : timeText;

/**
 * A record as one line of JSON:
 *
 *     line, lines, format, file_format, time, level, logger, message, fields, error, held_back, micros, record, explain
 *
 * As it is sent, in `record` as the whole document; what a line does not have is null. The values of `fields` are spliced as the text they came in.
 */
export function shownJson(shown: Shown, explanation: Explanation | undefined): string {
  const { line, lines, format, fileFormat, known, hasTime, sent, heldBack, document, micros } = shown;
  const fields = sent.members.map(({ key, json }) => `${JSON.stringify(key)}:${oneLine(json)}`).join();
  const members: readonly (readonly [name: string, json: string])[] = [
    ['line', `${line}`],
    ['lines', `${lines}`],
    ['format', JSON.stringify(nameOf(format))],
    ['file_format', JSON.stringify(fileFormat.split(' ', 1)[0])],
    ['time', JSON.stringify(timeOf(sent, hasTime))],
    ['level', JSON.stringify(sent.level ?? null)],
    ['logger', JSON.stringify(sent.logger ?? null)],
    ['message', JSON.stringify(sent.message)],
    ['fields', `{${fields}}`],
    ['error', JSON.stringify(sent.errorMessage ?? null)],
    ['held_back', JSON.stringify(heldBack === '' ? null : heldBack)],
    ['micros', micros.toFixed(1)],
    ['record', document === '' ? 'null' : document],
    ...(explanation === undefined ? [] : [['explain', explainJson(shown, explanation, known)] as const]),
  ];
  return `{${members.map(([name, json]) => `"${name}":${json}`).join()}}\n`;
}

function explainJson(shown: Shown, { isPlain, attempts, payload }: Explanation, known: string): string {
  const asked = (list: Explanation['attempts']) =>
    list.map(({ format, evidence, refusal }) => ({ format, evidence, refusal: refusal ?? null }));
  return JSON.stringify({
    file_known_as: known.split(' ', 1)[0],
    is_plain: isPlain,
    tried: asked(attempts),
    inside: asked(payload),
    ...changesOf(shown),
  });
}

/** A value may have line ends between its tokens, never inside strings. */
const oneLine = (json: string): string => json.replaceAll(/[\n\r]/g, ' ');
