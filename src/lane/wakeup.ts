/** Wakes one waiter; a wake-up while nobody waits is kept for the next. */
export class Wakeup {
  private woken = false;
  private resolve: (() => void) | undefined;

  wake(): void {
    this.woken = true;
    this.resolve?.();
  }

  /** What there was to wake for is seen to. */
  forget(): void {
    this.woken = false;
  }

  /** Resolves at the next wake-up (or at once when one was kept), after `ms`, or when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.woken || signal.aborted || ms <= 0) {
      this.woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.resolve = undefined;
        this.woken = false;
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(end, Math.min(Math.ceil(ms), 2 ** 31 - 1));
      signal.addEventListener('abort', end, { once: true });
      this.resolve = end;
    });
  }
}
