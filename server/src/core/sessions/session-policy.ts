/** `sliding`: each rotation extends the expiry; `fixed`: the expiry stays that of the sign-in; `static`: no rotation. */
export type RefreshTokenMode = 'sliding' | 'fixed' | 'static'

/** How long sessions live and how often they may refresh. Durations are in milliseconds. @see PROTOCOL.md S7, S12, S19 */
export interface SessionPolicy {
  readonly refreshTokenMode: RefreshTokenMode
  readonly refreshTokenTtlMs: number
  /** Null: no absolute lifetime. */
  readonly sessionAbsoluteTtlMs: number | null
  readonly refreshGracePeriodMs: number
  /** 0: no limit. */
  readonly maxRefreshesPerMinutePerSession: number
  /** 0: no limit. */
  readonly maxSessionsPerUser: number
}
