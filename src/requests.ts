/** What people and the system ask of the running agent: by signal, by `POST /quit` and `/reload`, by a file. The first stop drains, the second cuts it short. */
export class Requests {
  /** Why it should stop; undefined while it should not. */
  stopReason: string | undefined;
  /** Aborted by the first stop. */
  readonly stopping = new AbortController();
  /** Aborted by the second: at once, without loss of position. */
  readonly cut = new AbortController();
  private reloadReason: string | undefined;
  private wake: (() => void) | undefined;

  stop(reason: string): void {
    if (this.stopReason === undefined) {
      this.stopReason = reason;
      this.stopping.abort();
    } else this.cut.abort();
    this.wake?.();
  }

  reload(reason: string): void {
    this.reloadReason = reason;
    this.wake?.();
  }

  /** Waits for the next request, or `ms`. A reload is given once. */
  async next(ms: number): Promise<'stop' | 'reload' | 'nothing'> {
    if (this.stopReason === undefined && this.reloadReason === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
    if (this.stopReason !== undefined) return 'stop';
    if (this.reloadReason === undefined) return 'nothing';
    this.reloadReason = undefined;
    return 'reload';
  }
}
