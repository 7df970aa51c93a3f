/** How long-running code tells its caller how far it is. The command line draws it; the library default is silence. */

/** Work under way, as its reporter shows it. */
export interface ProgressTask {
  /**
   * Tells how far the task is.
   * @param done units finished so far, of the total given when the task began
   */
  update(done: number, note?: string): void
  /** The task is done. */
  end(note?: string): void
}

/** Takes messages and progress; write one to show them your own way. */
export interface Reporter {
  /** Takes what is good to know. */
  info(message: string): void
  /** Warnings are also kept in run.json. */
  warn(message: string): void
  /**
   * Begins a task.
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
