import type { LogRecord } from '../types/record.js';
import { columnsOf, type Columns } from './columns/csv-columns.js';
import { splitCells } from './columns/csv-cells.js';
import type { Evidence, Format, FormatContext } from './format.js';
import { mapMembers } from './members/mapping.js';
import { meanings } from './members/member-names.js';
import { isPlain } from './plain.js';
import { readRaw } from './raw.js';
import { membersOf } from './members/value-text.js';

/**
 * Values separated by commas, semicolons or tabs (RFC 4180), under the names of a header: the first line of the file. Demanded, that is the header
 * whatever it is; guessed, it has to name three columns or more, a time and a level or message among them. No record comes of it, nor of
 * the same line again further down. A line with as many values as there are names is a record; a value without a text is none. A record that goes on
 * behind a line end, in quotes, is lines of text.
 */
export const csv: Format = {
  name: 'csv',
  continues: false,
  read(record, evidence, context) {
    if (record.part !== undefined) return undefined;
    if (record.start === 0) return readHeader(record, evidence, context);
    const columns = known(context.header);
    if (columns === undefined || (evidence === 'none' && isPlain(record))) return undefined;
    const line = record.text.toString('utf8', record.from, record.to);
    if (line === columns.line) return leftOut(record);
    const cells = splitCells(line, columns.separator);
    if (cells?.length !== columns.names.length) return undefined;
    Object.assign(record, mapMembers(membersOf(pairsOf(columns.names, cells)), context.zone));
    return 'record';
  },
  refusal: () => 'the line has not the columns of the header, the first line of the file',
};

/** The header is remembered behind this, so that no other format's is taken for it. */
const prefix = 'csv:';
/** A longer one is no header: it is stored with the file. */
const longestHeader = 1024;

function readHeader(record: LogRecord, evidence: Evidence, { header }: FormatContext): 'left-out' | undefined {
  if (record.to - record.from > longestHeader) return undefined;
  const line = record.text.toString('utf8', record.from, record.to);
  const columns = columnsOf(line);
  if (columns === undefined || (evidence !== 'demanded' && !isConvincing(columns))) return undefined;
  header.text = prefix + line;
  return leftOut(record);
}

/** Within a wrapper the header is a record all the same: of text. */
function leftOut(record: LogRecord): 'left-out' {
  readRaw(record);
  return 'left-out';
}

function isConvincing({ names }: Columns): boolean {
  const found = names.map((name) => meanings.get(name));
  const hasTime = found.some((meaning) => meaning?.time !== undefined);
  const hasMore = found.some((meaning) => meaning?.level !== undefined || meaning?.message !== undefined);
  return (
    names.length >= 3 && hasTime && hasMore && names.every((name) => name.length <= 40 && /^[\w@.#/() -]+$/.test(name))
  );
}

/** What was last read of the header that belongs to a context: each line would read it again. */
const read = new WeakMap<FormatContext['header'], { readonly text: string; readonly columns: Columns | undefined }>();

function known(header: FormatContext['header']): Columns | undefined {
  if (!header.text.startsWith(prefix)) return undefined;
  const last = read.get(header);
  if (last?.text === header.text) return last.columns;
  const columns = columnsOf(header.text.slice(prefix.length));
  read.set(header, { text: header.text, columns });
  return columns;
}

function* pairsOf(names: readonly string[], cells: readonly string[]): Generator<readonly [string, string]> {
  for (let place = 0; place < names.length; place++) if (cells[place] !== '') yield [names[place]!, cells[place]!];
}
