/** What happened in a run, in order, and what of it was wrong: of things that are alike only the first few are told. */
export class Story {
  readonly wrong: string[] = [];
  /** Things that were wrong, told or not. */
  wrongCount = 0;
  readonly #events: string[] = [];
  readonly #alike = new Map<string, number>();

  constructor(
    private readonly nowMs: () => number,
    private readonly tell: (text: string) => void,
  ) {}

  happened(what: string): void {
    this.#events.push(`${this.#at()} ${what}`);
  }

  isWrong(what: string): void {
    this.wrongCount++;
    const kind = what.replaceAll(/\d+/g, '').slice(0, 40);
    const before = this.#alike.get(kind) ?? 0;
    this.#alike.set(kind, before + 1);
    if (before >= alikeMost) return;
    this.wrong.push(`at ${this.#at()} s: ${what}`);
    this.#events.push(`${this.#at()} WRONG ${what}`);
    this.tell(`WRONG at ${this.#at()} s: ${what}`);
  }

  /** Everything, a line each. */
  get text(): string {
    return `${this.#events.join('\n')}\n`;
  }

  #at(): string {
    return (this.nowMs() / 1000).toFixed(2);
  }
}

const alikeMost = 4;
