/** The default serializer logs every property: the parameters of a failed statement, the row that violated a constraint. */
export function describeError(error: unknown): {
  type: string
  message: string
  stack: string
  [more: string]: unknown
} {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return {
    type: error.constructor.name,
    message: error.message,
    stack: error.stack ?? '',
    ...(typeof code === 'string' && { code }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  }
}
