/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A point in time, ISO 8601 in UTC with milliseconds, for example `2026-03-01T09:30:00.000Z`. */
  DateTime: { input: string; output: string; }
  /**
   * An e-mail address. Surrounding spaces are removed and letters are lowered, so `" Ada@Example.com"` and
   * `"ada@example.com"` name one account. At most 254 characters.
   */
  EmailAddress: { input: string; output: string; }
};

/** What `login` needs. */
export type LoginInput = {
  /** A stable name of the app, at most 100 characters. */
  appId?: InputMaybe<Scalars['String']['input']>;
  /** A stable name of the device, at most 200 characters. With the same `appId` it replaces this device's session. */
  deviceId?: InputMaybe<Scalars['String']['input']>;
  /** A name of the device for people, at most 100 characters. */
  deviceName?: InputMaybe<Scalars['String']['input']>;
  /** The address of the account. */
  email: Scalars['EmailAddress']['input'];
  /** The password, at most 1,000 characters. */
  password: Scalars['String']['input'];
  /** How the refresh token travels. */
  tokenTransport?: InputMaybe<TokenTransport>;
};

/** What `register` needs. */
export type RegisterInput = {
  /** A stable name of the app, at most 100 characters. */
  appId?: InputMaybe<Scalars['String']['input']>;
  /** A stable name of the device, at most 200 characters. */
  deviceId?: InputMaybe<Scalars['String']['input']>;
  /** A name of the device for people, at most 100 characters. */
  deviceName?: InputMaybe<Scalars['String']['input']>;
  /** The address to sign in with. */
  email: Scalars['EmailAddress']['input'];
  /** 8 to 1,000 characters in any script. */
  password: Scalars['String']['input'];
  /** How the refresh token travels. */
  tokenTransport?: InputMaybe<TokenTransport>;
  /** The public name: 1 to 50 characters in any script. */
  username: Scalars['String']['input'];
};

/** What a person may do. */
export type Role =
  /** May also see all people, change roles and end anybody's sessions. */
  | 'ADMIN'
  /** Everyone who has an account. */
  | 'USER';

/** What happened to the safety of an account. */
export type SecurityEventType =
  /** The password was changed. */
  | 'PASSWORD_CHANGED'
  /** A session went on from another network address than before. */
  | 'REFRESHED_FROM_NEW_ADDRESS'
  /** A refresh token was used that had been spent: it was stolen, or a backup came back. The session was ended. */
  | 'REFRESH_TOKEN_REUSED'
  /** The person's role was changed. */
  | 'ROLE_CHANGED'
  /** A session was ended before its time; `reason` says by whom. */
  | 'SESSION_ENDED'
  /** Somebody signed in. */
  | 'SIGNED_IN'
  /** Somebody gave a wrong password. */
  | 'SIGN_IN_FAILED';

/** Why a session was ended before its time, and by whom. */
export type SessionEndReason =
  /** The person changed the password on another device. */
  | 'PASSWORD_CHANGED'
  /** A spent refresh token of it was used. */
  | 'REFRESH_TOKEN_REUSED'
  /** The person signed in anew on that device. */
  | 'REPLACED'
  /** The person ended it, from this or another device. */
  | 'REVOKED'
  /** An admin ended it. */
  | 'REVOKED_BY_ADMIN'
  /** The person signed out on that device. */
  | 'SIGNED_OUT'
  /** The person signed in on more devices than are allowed. */
  | 'TOO_MANY_SESSIONS';

/** How the refresh token travels between client and server. */
export type TokenTransport =
  /** In the answer and the argument. For clients without a cookie jar, and for apps that store it themselves. */
  | 'BODY'
  /** In an `HttpOnly; SameSite=Strict` cookie that no script can read; never in the answer. For browsers. */
  | 'COOKIE';
