/** Work that must not overlap, one after the other. Once closed no more is taken. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  get closed(): boolean {
    return this.isClosed;
  }

  /** Settles as `work` does, which begins when what was taken before has ended. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  /** Takes no more; resolves when what was taken has ended. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.last;
  }
}
