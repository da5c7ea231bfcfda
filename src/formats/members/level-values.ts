import type { Level, Member } from '../../types/record.js';
import { jsonAt, objectMembers, scalarText } from './json-values.js';
import { stepOf, syslogScale } from './level-scales.js';
import { levelOfMember } from '../levels.js';
import { levelScales } from './member-names.js';

/** The level of a member that is called one; `members` are those of its line. */
export function levelOfValue(key: string, json: string, members: readonly Member[]): Level | undefined {
  const text = scalarText(json) ?? nameOfLevel(json);
  if (text === undefined) return undefined;
  const scale = levelScales.get(key) ?? (/^[0-7]$/.test(text) && isOfSyslog(members) ? syslogScale : undefined);
  return scale?.(stepOf(text)) ?? levelOfMember(text);
}

/** GELF and relays of syslog have one of these beside a level from 0 to 7. */
const syslogSigns = ['short_message', 'facility', 'syslog_facility', 'SYSLOG_FACILITY'];
const isOfSyslog = (members: readonly Member[]): boolean => members.some(({ key }) => syslogSigns.includes(key));

/** A level as an object: log4js `{"level":20000,"levelStr":"INFO","colour":"green"}`, loguru `{"icon":"…","name":"INFO","no":20}`. */
function nameOfLevel(json: string): string | undefined {
  const members = json.length > longestObject ? undefined : objectMembers(json);
  return scalarText(jsonAt(members, 'levelStr')) || scalarText(jsonAt(members, 'name')) || undefined;
}

const longestObject = 128;
