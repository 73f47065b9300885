/** An operation in a tab of the editor. The tab is named after the operation. */
export interface Example {
  readonly query: string
  readonly variables?: string
}

/** The text of variables in the editor. */
export const variables = (value: object): string => JSON.stringify(value, null, 2)
