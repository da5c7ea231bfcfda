import { request } from 'node:http';

export interface HealthOptions {
  /** Ask `/readyz`. */
  readonly ready: boolean;
  /** Ask `/health?strict=1`. Neither: `/livez`. */
  readonly strict: boolean;
}

export interface HealthIo {
  out(text: string): void;
  err(text: string): void;
}

const timeoutMs = 3_000;
/** Of an answer so much is read: a hundred files and their outputs fit. */
const maxAnswerBytes = 4 * 1024 * 1024;

/**
 * `pannier health`: asks the agent of this pod, for a container's HEALTHCHECK. Prints one line; 0 when all that was asked is well, else 1.
 * Runs in the agent's memory limit, so it loads nothing: the address comes from PANNIER_LISTEN alone. Never rejects.
 */
export async function health(
  options: HealthOptions,
  env: Readonly<Record<string, string | undefined>>,
  io: HealthIo,
): Promise<number> {
  const listen = (env.PANNIER_LISTEN ?? '').trim();
  if (listen.toLowerCase() === 'off') {
    io.err('not ok: PANNIER_LISTEN is off, so there is nobody to ask; set it to host:port, or use another check\n');
    return 1;
  }
  const address = addressOf(listen === '' ? '0.0.0.0:9600' : listen);
  if (address === undefined) {
    io.err(`not ok: PANNIER_LISTEN is ${JSON.stringify(listen)}, which is no host:port\n`);
    return 1;
  }
  const paths = [...(options.ready ? ['/readyz'] : []), ...(options.strict ? ['/health?strict=1'] : [])];
  const results: string[] = [];
  for (const path of paths.length === 0 ? ['/livez'] : paths) {
    const asked = `http://${address.shown}${path}`;
    try {
      const { code, body } = await ask(address, path);
      if (code !== 200) {
        io.err(`not ok: ${asked} answered ${code}: ${summary(body)}\n`);
        return 1;
      }
      results.push(asked);
    } catch (error) {
      const hint = listen === '' && env.PANNIER_CONFIG ? '; set PANNIER_LISTEN here if the YAML file sets listen' : '';
      io.err(`not ok: ${asked}: ${error instanceof Error ? error.message : String(error)}${hint}\n`);
      return 1;
    }
  }
  io.out(`ok: ${results.join(', ')} answered 200\n`);
  return 0;
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly shown: string;
}

/** Where to ask an agent that listens on `host:port`, `:port` or `[::]:port`: an address of every interface is asked on loopback. */
function addressOf(listen: string): Address | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(listen);
  const port = Number(parts?.[3]);
  if (parts === null || port < 1 || port > 65_535) return undefined;
  const [, six, four = ''] = parts;
  if (six !== undefined) {
    const host = /^[0:]+$/.test(six) ? '::1' : six;
    return { host, port, shown: `[${host}]:${port}` };
  }
  const host = four === '' || four === '0.0.0.0' ? '127.0.0.1' : four;
  return { host, port, shown: `${host}:${port}` };
}

function ask({ host, port, shown }: Address, path: string): Promise<{ readonly code: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    // One time for all of it: a request's own `timeout` starts again with every byte.
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { Host: shown, Connection: 'close' };
    const asking = request({ host, port, path, headers, signal, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > maxAnswerBytes) asking.destroy(new Error('the answer is too long to be one of Pannier'));
      });
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body }));
      response.on('error', fail);
    });
    const fail = (error: Error): void =>
      reject(signal.aborted ? new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error }) : error);
    asking.on('error', fail);
    asking.end();
  });
}

const shownLength = 500;

/** One line for a person: of `/health` its reasons, of anything else its text. What an answer holds is not trusted with a terminal. */
function summary(body: string): string {
  const words = reasons(body) ?? body;
  const line = words.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > shownLength ? `${line.slice(0, shownLength)}…` : line;
}

function reasons(body: string): string | undefined {
  try {
    const report: unknown = JSON.parse(body);
    if (typeof report !== 'object' || report === null || !('status' in report) || !('reasons' in report))
      return undefined;
    const texts = Array.isArray(report.reasons) ? report.reasons.map(reasonText) : [];
    return `${String(report.status)}: ${texts.join('; ')}`;
  } catch {
    return undefined;
  }
}

function reasonText(reason: unknown): string {
  if (typeof reason !== 'object' || reason === null) return '';
  const word = (name: string): string => {
    const value: unknown = Object.entries(reason).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : '';
  };
  return [word('code'), word('output'), word('message')].filter((text) => text !== '').join(' ');
}
