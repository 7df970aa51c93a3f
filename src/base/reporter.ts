/** How long-running code tells its caller how far it is. The command line draws it; the library default is silence. */

export interface ProgressTask {
  /** @param done units finished so far, of the total given when the task began */
  update(done: number, note?: string): void
  end(note?: string): void
}

export interface Reporter {
  info(message: string): void
  /** Warnings are also kept in run.json. */
  warn(message: string): void
  /**
   * @param total units of work, when known
   * @param before units of them that were finished before the task begins
   */
  task(label: string, total?: number, before?: number): ProgressTask
}

export const silentReporter: Reporter = {
  info: () => undefined,
  warn: () => undefined,
  task: () => ({ update: () => undefined, end: () => undefined }),
}
