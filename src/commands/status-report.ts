/** What a person is shown of `/health` (contract, "The listener"). Times are ms since the epoch, NaN where there is none. */
export interface Report {
  readonly status: string;
  readonly version: string;
  readonly configHash: string;
  readonly startedAt: number;
  readonly durable: boolean;
  readonly reasons: readonly {
    readonly code: string;
    readonly output: string;
    readonly message: string;
    readonly action: string;
  }[];
  readonly outputs: readonly OutputFigures[];
  readonly files: readonly FileFigures[];
  readonly filesTotal: number;
  /** The answer as it came. */
  readonly whole: object;
}

export interface OutputFigures {
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly lagBytes: number;
  readonly lagSeconds: number;
  readonly lastSuccess: number;
  readonly ledger: { readonly delivered: number; readonly deadLettered: number; readonly dropped: number };
}

export interface FileFigures {
  readonly path: string;
  readonly state: string;
  readonly format: string;
  /** 0 to 1; NaN before the first record. */
  readonly parsedShare: number;
  readonly size: number;
  /** Of the output that is furthest behind. */
  readonly lagBytes: number;
}

/** Reads an answer of `/health`. Undefined where it is none: anybody may listen on that port. What an agent of another version leaves out is '' or 0. */
export function asReport(body: string): Report | undefined {
  let whole: unknown;
  try {
    whole = JSON.parse(body);
  } catch {
    return undefined;
  }
  const report = objectOf(whole);
  if (typeof report['status'] !== 'string' || typeof report['outputs'] !== 'object') return undefined;
  return {
    status: report['status'],
    version: text(report['version']),
    configHash: text(report['config_hash']),
    startedAt: Date.parse(text(report['started_at'])),
    durable: objectOf(report['state'])['durable'] === true,
    reasons: listOf(report['reasons']).map(({ code, output, message, action }) => ({
      code: text(code),
      output: text(output),
      message: text(message),
      action: text(action),
    })),
    outputs: Object.entries(objectOf(report['outputs'])).map(([name, output]) => outputOf(name, objectOf(output))),
    files: listOf(report['files']).map(fileOf),
    filesTotal: number(report['files_total']),
    whole: report,
  };
}

type Json = Readonly<Record<string, unknown>>;

function outputOf(name: string, output: Json): OutputFigures {
  const ledger = objectOf(output['ledger']);
  return {
    name,
    type: text(output['type']),
    state: text(output['state']),
    lagBytes: number(output['lag_bytes']),
    lagSeconds: number(output['lag_seconds']),
    lastSuccess: Date.parse(text(output['last_success'])),
    ledger: {
      delivered: number(ledger['delivered']),
      deadLettered: number(ledger['dead_lettered']),
      dropped: number(ledger['dropped']),
    },
  };
}

function fileOf(file: Json): FileFigures {
  const share = file['parsed_share'];
  const lags = Object.values(objectOf(file['outputs'])).map((output) => number(objectOf(output)['lag_bytes']));
  return {
    path: text(file['path']),
    state: text(file['state']),
    format: text(file['format']),
    parsedShare: typeof share === 'number' ? share : Number.NaN,
    size: number(file['size']),
    lagBytes: Math.max(0, ...lags),
  };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);
