import { setTimeout as wait } from 'node:timers/promises';
import { partsOfId, textOf, type Fault } from '../support/bulk-server.js';
import type { Lab } from '../support/lab.js';
import { until } from '../support/until.js';
import { ModelFile, outstanding, verdict, type Delivered } from './log-model.js';

/** One step of a script. `file` is one of few names, so that steps meet. */
export type Action =
  | { readonly kind: 'write'; readonly file: number; readonly lines: readonly number[] }
  | { readonly kind: 'write part'; readonly file: number; readonly length: number }
  | { readonly kind: 'rename' | 'truncate' | 'copytruncate' | 'delete' | 'write late'; readonly file: number }
  | { readonly kind: 'kill' | 'restart' | 'start' | 'reload' | 'server down' | 'server up' | 'look' | 'settle' }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'busy items' }
  | { readonly kind: 'pause'; readonly ms: number };

/** A copy must share this much with its original to be told from a stranger. */
const copyBytes = 1_024;

/** Runs actions against a lab and a model of it. Lines are unique, so each can be told where it came from. */
export class LogScript {
  readonly #files: ModelFile[] = [];
  readonly #live = new Map<number, ModelFile>();
  /** The last renamed file of a name: an application may still write to it. */
  readonly #renamed = new Map<number, ModelFile>();
  #serial = 0;
  #rotations = 0;

  constructor(
    private readonly lab: Lab,
    private readonly label: string,
    /** Settings of the next start beside the lab's own. */
    private readonly envOfStart: () => Readonly<Record<string, string>> = () => ({}),
  ) {}

  async run(action: Action): Promise<void> {
    switch (action.kind) {
      case 'write':
        return await this.#write(action.file, action.lines);
      case 'write part':
        return await this.#append(this.#fileAt(action.file), (file) => file.writePart(this.#text(action.length)));
      case 'write late':
        return await this.#writeLate(action.file);
      case 'rename':
        return await this.#rename(action.file);
      case 'truncate':
        return await this.#truncate(action.file);
      case 'copytruncate':
        return await this.#copyTruncate(action.file);
      case 'delete':
        return await this.#delete(action.file);
      case 'kill':
        return await this.#kill();
      case 'restart':
        if (this.#running) await this.#stop();
        return await this.lab.start(this.envOfStart());
      case 'start':
        return this.#running ? undefined : await this.lab.start(this.envOfStart());
      case 'reload':
        if (this.#running) this.lab.agent.signal('SIGHUP');
        return;
      case 'server down':
        return await this.lab.server.down();
      case 'server up':
        return await this.lab.server.up();
      case 'look':
        return this.#running ? await this.#look() : undefined;
      case 'settle':
        return await this.#settle();
      case 'fault':
        return this.lab.server.next(action.fault);
      case 'busy items':
        return this.#refuseSomeItemsOnce();
      case 'pause':
        return await wait(action.ms);
    }
  }

  /** Everything is up again, drained, and compared. @throws Error that says what is wrong */
  async finish(): Promise<void> {
    await this.lab.server.up();
    if (!this.#running) await this.lab.start(this.envOfStart());
    await this.lab.ready();
    for (const file of this.#files) file.end();
    this.lab.agent.signal('SIGTERM');
    const code = await this.lab.agent.exit(30_000);
    const wrong = verdict(this.#files, this.#came());
    if (wrong !== '') throw new Error(`${wrong}\n${this.lab.agent.tail()}`);
    if (code !== 0) throw new Error(`the drain ended with ${code}\n${this.lab.agent.tail()}`);
  }

  get #running(): boolean {
    return this.lab.agent.running;
  }

  #came(): Delivered[] {
    return this.lab.server.stored.map((one) => ({ ...partsOfId(one.id), text: textOf(one) }));
  }

  #delivered(): Set<string> {
    return new Set(this.lab.server.stored.map(textOf));
  }

  #text(length: number): string {
    this.#serial += 1;
    return `${this.label}-${this.#serial}-${'x'.repeat(length)}`;
  }

  #fileAt(slot: number): ModelFile {
    const found = this.#live.get(slot) ?? new ModelFile(`app${slot}.log`);
    if (!this.#live.has(slot)) this.#files.push(found);
    this.#live.set(slot, found);
    return found;
  }

  async #append(file: ModelFile, add: (file: ModelFile) => string): Promise<void> {
    await this.lab.logs.append(file.name, add(file));
  }

  async #write(slot: number, lengths: readonly number[]): Promise<void> {
    await this.#append(this.#fileAt(slot), (file) => file.write(lengths.map((length) => this.#text(length))));
  }

  async #writeLate(slot: number): Promise<void> {
    const file = this.#renamed.get(slot);
    if (file !== undefined) await this.#append(file, () => file.write([this.#text(30)]));
    if (file !== undefined && !this.#keeps(file)) file.endanger(this.#delivered());
  }

  /** True when the agent goes on with the file under whatever name. */
  #keeps(file: ModelFile): boolean {
    return this.#running ? file.seen : file.recorded;
  }

  async #rename(slot: number): Promise<void> {
    const file = this.#live.get(slot);
    if (file === undefined) return;
    const name = this.#rotatedName(slot);
    await this.lab.logs.rename(file.name, name);
    file.name = name;
    file.held = 'renamed';
    this.#live.delete(slot);
    // The open line of a renamed file goes after a while: nobody may add to it then without making it two.
    if (file.open === '') this.#renamed.set(slot, file);
    else this.#renamed.delete(slot);
    if (!this.#keeps(file)) file.endanger(this.#delivered());
  }

  async #truncate(slot: number): Promise<void> {
    const file = this.#live.get(slot);
    if (file === undefined) return;
    await this.lab.logs.truncate(file.name);
    this.#cutOff(slot, file);
    file.endanger(this.#delivered());
  }

  /** The copy becomes the old file, when it can be told; else it is a truncation. */
  async #copyTruncate(slot: number): Promise<void> {
    const file = this.#live.get(slot);
    if (file === undefined) return;
    await this.lab.logs.copyTruncate(file.name, this.#rotatedName(slot));
    this.#cutOff(slot, file);
    if (!this.#running || file.seenBytes < copyBytes) file.endanger(this.#delivered());
    else file.held = 'renamed';
  }

  #cutOff(slot: number, file: ModelFile): void {
    const next = new ModelFile(file.name);
    this.#files.push(next);
    this.#live.set(slot, next);
    file.held = 'truncated';
  }

  async #delete(slot: number): Promise<void> {
    const file = this.#live.get(slot);
    if (file === undefined) return;
    await this.lab.logs.remove(file.name);
    this.#live.delete(slot);
    file.held = 'deleted';
    if (!this.#running || !file.seen) file.endanger(this.#delivered());
  }

  async #kill(): Promise<void> {
    if (!this.#running) return;
    await this.lab.kill9();
    this.#loseHandles();
  }

  /** A drain ships open lines as they are: they are ended first, so that a line stays one record. */
  async #stop(): Promise<void> {
    for (const file of this.#live.values()) if (file.open !== '') await this.#append(file, () => file.write(['']));
    const { agent } = this.lab;
    agent.signal('SIGTERM');
    if (!this.lab.server.isUp) {
      // It would drain until its deadline: a second signal cuts that short.
      await agent.logged('it drains', ({ msg }) => msg === 'draining');
      agent.signal('SIGTERM');
    }
    await agent.exit(30_000);
    this.#loseHandles();
  }

  /** What had no name lives no longer; what had no record is a stranger unless it lies where the globs look. */
  #loseHandles(): void {
    const delivered = this.#delivered();
    for (const file of this.#files) {
      file.recorded ||= file.lines.some(({ text }) => delivered.has(text));
      if (file.held === 'deleted' || (file.held === 'renamed' && !file.recorded)) file.endanger(delivered);
    }
  }

  /** Waits until the agent knows every file as it is. */
  async #look(): Promise<void> {
    const live = [...this.#live.values()].filter(({ sizeBytes }) => sizeBytes > 0);
    await this.lab.shows('every file', ({ files }) =>
      live.every(({ name, sizeBytes }) =>
        files.some(({ path, size }) => path === this.lab.logs.at(name) && size === sizeBytes),
      ),
    );
    for (const file of live) this.#saw(file);
  }

  /** Waits until everything that has to come has come. */
  async #settle(): Promise<void> {
    if (!this.#running) await this.lab.start(this.envOfStart());
    await this.lab.server.up();
    await until(() => outstanding(this.#files, this.#delivered()) === 0, {
      what: 'all that must come comes',
      instead: () => `${outstanding(this.#files, this.#delivered())} lines are missing\n${this.lab.agent.tail()}`,
    });
    const delivered = this.#delivered();
    for (const file of this.#files) {
      if (!file.lines.some(({ text }) => delivered.has(text))) continue;
      file.recorded = true;
      this.#saw(file);
    }
  }

  #saw(file: ModelFile): void {
    file.seen = true;
    file.seenBytes = file.sizeBytes;
  }

  #refuseSomeItemsOnce(): void {
    const refused = new Set<string>();
    this.lab.server.judge = ({ id }) => {
      if (refused.has(id) || id.charCodeAt(id.length - 1) % 3 !== 0) return undefined;
      refused.add(id);
      return { status: 429, type: 'es_rejected_execution_exception', reason: 'busy' };
    };
  }

  #rotatedName(slot: number): string {
    this.#rotations += 1;
    return `app${slot}.log.${this.#rotations}`;
  }
}
