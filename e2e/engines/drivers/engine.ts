/** A browser engine that runs the built library and app. Each driver implements it, so that a scenario is written once. */
export interface Engine {
  /** Opens a new profile. */
  openProfile(): Promise<Profile>
  /** Opens a new profile whose tabs are in private windows, or what comes closest in the engine. */
  openPrivateProfile(): Promise<Profile>
  close(): Promise<void>
}

/** The cookies and storage of one user, and the tabs that share them. */
export interface Profile {
  openTab(url: string): Promise<Tab>
  /** Closes its tabs and forgets its cookies and storage. */
  close(): Promise<void>
}

export interface Tab {
  /** Opens a page and waits until it has loaded. */
  goTo(url: string): Promise<void>
  reload(): Promise<void>
  /**
   * Runs a function in the page and waits for its result. The function sees nothing but its argument and the page.
   * @throws Error what it threw, or that the page was left before there was a result
   */
  evaluate<Result>(run: () => Result): Promise<Awaited<Result>>
  evaluate<Argument, Result>(run: (argument: Argument) => Result, argument: Argument): Promise<Awaited<Result>>
  /** Waits for the field that the CSS selector finds, and types into it. */
  type(selector: string, text: string): Promise<void>
  /** Waits for the element that the CSS selector finds, and clicks it. */
  click(selector: string): Promise<void>
}
