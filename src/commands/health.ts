import { agentAddress, ask, oneLine, type ConfiguredListen } from './ask-agent.js';

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

/**
 * `pannier health`: asks the agent of this pod, for a container's HEALTHCHECK. Prints one line; 0 when all that was asked is well, else 1.
 * Runs in the agent's memory limit, so it loads nothing more unless a YAML file has to be asked for the address (`configured`). Never rejects.
 */
export async function health(
  options: HealthOptions,
  env: Readonly<Record<string, string | undefined>>,
  io: HealthIo,
  configured: ConfiguredListen,
): Promise<number> {
  const address = await agentAddress(env, configured);
  if (typeof address === 'string') {
    io.err(`not ok: ${address}\n`);
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
      io.err(`not ok: ${asked}: ${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
  }
  io.out(`ok: ${results.join(', ')} answered 200\n`);
  return 0;
}

/** Of `/health` its reasons, of anything else its text. */
const summary = (body: string): string => oneLine(reasons(body) ?? body);

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
