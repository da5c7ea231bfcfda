import { agentAddress, ask, oneLine, type ConfiguredListen } from './ask-agent.js';
import { askSocket } from './ask-socket.js';
import type { Env } from './cli.js';
import { asReport, type Report } from './status-report.js';

/** Where the agent of this pod may be asked. */
export interface AgentPlace {
  readonly env: Env;
  /** Where its socket is; undefined: it is asked by its listener only. */
  readonly stateDir: string | undefined;
  readonly listen: ConfiguredListen;
}

/** What the agent says of itself, through its control socket, else by `/health` on loopback; or why there is no answer. Never rejects. */
export async function reportOfAgent({ env, stateDir, listen }: AgentPlace): Promise<Report | string> {
  if (stateDir !== undefined) {
    const answer = await askSocket(stateDir, { route: 'GET /health', idleMs: 3000 });
    const report =
      answer.kind === 'answered' && answer.code === 200 ? asReport(JSON.stringify(answer.value)) : undefined;
    if (report !== undefined) return report;
  }
  const address = await agentAddress(env, listen);
  if (typeof address === 'string') return address;
  const asked = `http://${address.shown}/health`;
  try {
    // A failing agent answers 503, and says why.
    const { code, body } = await ask(address, '/health');
    return asReport(body) ?? `${asked} answered ${code}, not as Pannier does: ${oneLine(body)}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${asked}: ${reason}; is the agent running, and is PANNIER_LISTEN the same here?`;
  }
}
