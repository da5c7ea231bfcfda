import type { LogRecord, Member } from '../../types/record.js';
import type { Redactor } from './redactor.js';

/**
 * Redacts all of a record that an output may send: message, members with their names, logger, error message, and the line itself where it is the
 * message or the output sends it. Not the file's path, which is the operator's choice, nor time and level, which hold nothing else.
 */
export function redactRecord(record: LogRecord, redactor: Redactor, sendsLine: boolean): void {
  if (typeof record.message === 'string') record.message = redactor.any(record.message, 'message');
  if (record.message === undefined || sendsLine) {
    const redacted = redactor.bytes(record.text.subarray(record.from, record.to));
    if (redacted !== undefined) {
      record.text = redacted;
      record.from = 0;
      record.to = redacted.length;
    }
  }
  if (record.logger !== undefined) record.logger = redactor.text(record.logger);
  if (record.errorMessage !== undefined) record.errorMessage = redactor.text(record.errorMessage);
  record.members = redactMembers(record.members, redactor);
}

function redactMembers(members: readonly Member[], redactor: Redactor): readonly Member[] {
  let changed: Member[] | undefined;
  for (const [place, { key, json }] of members.entries()) {
    const member = { key: redactor.text(key), json: redactor.json(json, key) };
    if (member.key === key && member.json === json) continue;
    changed ??= [...members];
    changed[place] = member;
  }
  return changed === undefined ? members : withOwnNames(changed);
}

/** Two names may have become one. */
function withOwnNames(members: readonly Member[]): readonly Member[] {
  const names = new Set<string>();
  return members.map(({ key, json }) => {
    let name = key;
    for (let number = 2; names.has(name); number++) name = `${key} ${number}`;
    names.add(name);
    return { key: name, json };
  });
}
