import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { User as UserModel, Session as SessionModel, SecurityEvent as SecurityEventModel } from '../core/model.ts';
import type { GraphContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A point in time, ISO 8601 in UTC with milliseconds, for example `2026-03-01T09:30:00.000Z`. */
  DateTime: { input: Date; output: Date; }
  /**
   * An email address. Surrounding spaces are removed, letters converted to lower case and international domains to Unicode,
   * so `" Ada@Example.com"` and `"ada@example.com"` are the same account, and so are `"ada@bücher.example"` and
   * `"ada@xn--bcher-kva.example"`. At most 254 characters.
   */
  EmailAddress: { input: string; output: string; }
};

/** The result of a sign-in, a sign-up or a refresh: an access token, a refresh token, and their user and session. */
export type AuthPayload = {
  __typename?: 'AuthPayload';
  /** A JWT for the header `Authorization: Bearer …`. Keep it in memory. */
  accessToken: Scalars['String']['output'];
  /** How long the access token is valid, in seconds from now; never longer than its session, so 0 at the very end. */
  accessTokenExpiresIn: Scalars['Int']['output'];
  /** Spent by use: every refresh returns the next one. Null with `COOKIE`. */
  refreshToken: Maybe<Scalars['String']['output']>;
  /** How long the refresh token is valid if it is not used, in seconds from now. */
  refreshTokenExpiresIn: Scalars['Int']['output'];
  /** The session that was opened or refreshed. */
  session: Session;
  /** The user who signed in. */
  user: User;
};

/** The input of `login`. */
export type LoginInput = {
  /** A stable identifier of the app, at most 100 characters. */
  appId?: InputMaybe<Scalars['String']['input']>;
  /** A stable identifier of the device, at most 200 characters. A new sign-in with the same `appId` and `deviceId` replaces this session. */
  deviceId?: InputMaybe<Scalars['String']['input']>;
  /** A display name for the device, at most 100 characters. */
  deviceName?: InputMaybe<Scalars['String']['input']>;
  /** The address of the account. */
  email: Scalars['EmailAddress']['input'];
  /** The password, at most 1,000 characters. */
  password: Scalars['String']['input'];
  /** How the refresh token is sent. */
  tokenTransport?: InputMaybe<TokenTransport>;
};

export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Sets a new password and ends all other sessions. Errors: `INVALID_CREDENTIALS` (the current password is wrong),
   * `BAD_USER_INPUT`, `RATE_LIMITED`.
   */
  changePassword: Scalars['Boolean']['output'];
  /**
   * Signs in. An operation may contain at most one `login` or `register` field. Errors: `INVALID_CREDENTIALS` (the same
   * for an unknown email and a wrong password), `BAD_USER_INPUT`, `RATE_LIMITED`.
   */
  login: AuthPayload;
  /**
   * Ends the session of the given refresh token; if that token is missing or unusable, the session of the access token;
   * with neither, the session of the cookie. Takes effect immediately for all its tokens. Always returns true, even if
   * the session had already ended.
   */
  logout: Scalars['Boolean']['output'];
  /**
   * Exchanges a refresh token for the next one and a new access token. A repeated call within the grace period returns
   * the same next token; an older token ends the session. Errors: `BAD_USER_INPUT` (no token given, or a cookie that this
   * server did not issue), `FORBIDDEN` with `reason` `REFRESH_TOKEN_INVALID`, `REFRESH_TOKEN_EXPIRED`, `SESSION_REVOKED`
   * or `REFRESH_TOKEN_REUSED`, `RATE_LIMITED`. Only those four reasons mean that the user has to sign in again.
   */
  refreshToken: AuthPayload;
  /**
   * Creates an account and signs in. An operation may contain at most one `login` or `register` field. Errors:
   * `BAD_USER_INPUT`, `CONFLICT` (the email or username is taken), `RATE_LIMITED`.
   */
  register: AuthPayload;
  /** Renames a device. Errors: `NOT_FOUND`, `BAD_USER_INPUT`. */
  renameSession: Session;
  /** Ends all of the signed-in user's sessions except the current one, immediately; returns how many. */
  revokeOtherSessions: Scalars['Int']['output'];
  /** Ends one of the signed-in user's sessions immediately; it may be the current one. Errors: `NOT_FOUND`. */
  revokeSession: Scalars['Boolean']['output'];
  /** Ends all sessions of a user immediately; returns how many. Admins only. Errors: `NOT_FOUND`. */
  revokeUserSessions: Scalars['Int']['output'];
  /**
   * Changes a user's role, starting with the user's next request. Admins only. Errors: `NOT_FOUND`, `CONFLICT` (the only
   * admin would lose the role).
   */
  setUserRole: User;
};


export type MutationChangePasswordArgs = {
  currentPassword: Scalars['String']['input'];
  newPassword: Scalars['String']['input'];
};


export type MutationLoginArgs = {
  input: LoginInput;
};


export type MutationLogoutArgs = {
  refreshToken?: InputMaybe<Scalars['String']['input']>;
};


export type MutationRefreshTokenArgs = {
  refreshToken?: InputMaybe<Scalars['String']['input']>;
};


export type MutationRegisterArgs = {
  input: RegisterInput;
};


export type MutationRenameSessionArgs = {
  deviceName: Scalars['String']['input'];
  id: Scalars['ID']['input'];
};


export type MutationRevokeSessionArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRevokeUserSessionsArgs = {
  userId: Scalars['ID']['input'];
};


export type MutationSetUserRoleArgs = {
  role: Role;
  userId: Scalars['ID']['input'];
};

/** The position of a page in its list, as defined by the Relay cursor specification. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last item; null for an empty page. */
  endCursor: Maybe<Scalars['String']['output']>;
  /** True if there are more items after this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** True if the page was requested with a cursor. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first item; null for an empty page. */
  startCursor: Maybe<Scalars['String']['output']>;
};

export type Query = {
  __typename?: 'Query';
  /** The signed-in user. */
  me: User;
  /** The security log of the signed-in user's account, newest first. */
  securityEvents: SecurityEventConnection;
  /** The server's clock. Public, so it can be used to check that the API is reachable. */
  serverTime: Scalars['DateTime']['output'];
  /** The signed-in user's active sessions, the current one first, then by last use; at most 100. */
  sessions: Array<Session>;
  /** All users, by username. Admins only. */
  users: UserConnection;
};


export type QuerySecurityEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};

/** The input of `register`. */
export type RegisterInput = {
  /** A stable identifier of the app, at most 100 characters. */
  appId?: InputMaybe<Scalars['String']['input']>;
  /** A stable identifier of the device, at most 200 characters. */
  deviceId?: InputMaybe<Scalars['String']['input']>;
  /** A display name for the device, at most 100 characters. */
  deviceName?: InputMaybe<Scalars['String']['input']>;
  /** The address to sign in with. */
  email: Scalars['EmailAddress']['input'];
  /** 8 to 1,000 characters in any script. */
  password: Scalars['String']['input'];
  /** How the refresh token is sent. */
  tokenTransport?: InputMaybe<TokenTransport>;
  /** The public name: 1 to 50 characters in any script, without control or invisible characters. */
  username: Scalars['String']['input'];
};

/** The permissions of a user. */
export type Role =
  /** Can also list all users, change roles and end any user's sessions. */
  | 'ADMIN'
  /** The default role. */
  | 'USER';

/** An event in the security log of an account. */
export type SecurityEvent = {
  __typename?: 'SecurityEvent';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** Never changes; later events have higher ids. */
  id: Scalars['ID']['output'];
  /** The IP address of the request that caused the event, if any. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** Why the session ended; null for other events. */
  reason: Maybe<SessionEndReason>;
  /** The session that the event concerns; null if there is none, or once its data has been deleted. */
  session: Maybe<Session>;
  /** What happened. */
  type: SecurityEventType;
  /** The `User-Agent` header of the request that caused the event, if any. */
  userAgent: Maybe<Scalars['String']['output']>;
};

/** A page of security events. */
export type SecurityEventConnection = {
  __typename?: 'SecurityEventConnection';
  /** The events of this page, newest first. */
  edges: Array<SecurityEventEdge>;
  /** The position of this page in the list. */
  pageInfo: PageInfo;
};

/** An event and its cursor. */
export type SecurityEventEdge = {
  __typename?: 'SecurityEventEdge';
  /** Pass it as `after` to continue after this event. */
  cursor: Scalars['String']['output'];
  /** The event. */
  node: SecurityEvent;
};

/** A kind of security event. */
export type SecurityEventType =
  /** The password was changed. */
  | 'PASSWORD_CHANGED'
  /** A password change failed because the current password was wrong. */
  | 'PASSWORD_CHANGE_FAILED'
  /** A session was refreshed from a new IP address. */
  | 'REFRESHED_FROM_NEW_ADDRESS'
  /** A spent refresh token was used, which may mean that it was stolen. The session was ended. */
  | 'REFRESH_TOKEN_REUSED'
  /** The user's role was changed. */
  | 'ROLE_CHANGED'
  /** A session was ended before it expired; `reason` says why. */
  | 'SESSION_ENDED'
  /** A sign-in succeeded. */
  | 'SIGNED_IN'
  /** A sign-in failed because of a wrong password. */
  | 'SIGN_IN_FAILED';

/** One sign-in on one device. */
export type Session = {
  __typename?: 'Session';
  /** The app that signed in, as it identified itself. */
  appId: Maybe<Scalars['String']['output']>;
  /** When the user signed in. */
  createdAt: Scalars['DateTime']['output'];
  /** True if this request was made with the session, or has just opened or refreshed it. */
  current: Scalars['Boolean']['output'];
  /** The device, as the app identified it. A new sign-in with the same user, app and device replaces this session. */
  deviceId: Maybe<Scalars['String']['output']>;
  /** A display name, for example `Ada's laptop`. */
  deviceName: Maybe<Scalars['String']['output']>;
  /** When the session expires unless it is refreshed first. */
  expiresAt: Scalars['DateTime']['output'];
  /** Never changes; the `sid` claim of both tokens. */
  id: Scalars['ID']['output'];
  /** The IP address of the sign-in or the last refresh. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** When the session was last used. */
  lastSeenAt: Scalars['DateTime']['output'];
  /** The `User-Agent` header of the sign-in or the last refresh. */
  userAgent: Maybe<Scalars['String']['output']>;
};

/** Why a session was ended before it expired. */
export type SessionEndReason =
  /** The user changed the password on another device. */
  | 'PASSWORD_CHANGED'
  /** A spent refresh token of the session was used. */
  | 'REFRESH_TOKEN_REUSED'
  /** The user signed in again on that device. */
  | 'REPLACED'
  /** The user signed the session out, from this or another device. */
  | 'REVOKED'
  /** An admin ended the session. */
  | 'REVOKED_BY_ADMIN'
  /** The user signed out on that device. */
  | 'SIGNED_OUT'
  /** The user signed in on more devices than allowed. */
  | 'TOO_MANY_SESSIONS';

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Delivers new entries of the signed-in user's security log as they occur. Earlier events, and events that were missed
   * while the socket was closed, are in `securityEvents`. Runs over a WebSocket on this path (`graphql-transport-ws`), with
   * the access token in `connection_init` as `{ "authorization": "Bearer …" }`; the socket closes with 4403 when the token
   * expires, the session ends or the user's role changes.
   */
  securityEvent: SecurityEvent;
};

/** How the refresh token is sent between client and server. */
export type TokenTransport =
  /** In the response and the argument. For clients without a cookie jar and apps that store the token themselves. */
  | 'BODY'
  /** In an `HttpOnly; SameSite=Strict` cookie that scripts cannot read; never in the response. For browsers. */
  | 'COOKIE';

/** A user account. */
export type User = {
  __typename?: 'User';
  /** When the account was created. */
  createdAt: Scalars['DateTime']['output'];
  /** The address used to sign in. */
  email: Scalars['EmailAddress']['output'];
  /** Never changes. */
  id: Scalars['ID']['output'];
  /** The user's role. */
  role: Role;
  /** The public name, in any script. Unique, ignoring case and invisible characters. */
  username: Scalars['String']['output'];
};

/** A page of users. */
export type UserConnection = {
  __typename?: 'UserConnection';
  /** The users of this page, by username. */
  edges: Array<UserEdge>;
  /** The position of this page in the list. */
  pageInfo: PageInfo;
};

/** A user and their cursor. */
export type UserEdge = {
  __typename?: 'UserEdge';
  /** Pass it as `after` to continue after this user. */
  cursor: Scalars['String']['output'];
  /** The user. */
  node: User;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AuthPayload: ResolverTypeWrapper<Omit<AuthPayload, 'session' | 'user'> & { session: ResolversTypes['Session'], user: ResolversTypes['User'] }>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  EmailAddress: ResolverTypeWrapper<Scalars['EmailAddress']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  LoginInput: LoginInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RegisterInput: RegisterInput;
  Role: Role;
  SecurityEvent: ResolverTypeWrapper<SecurityEventModel>;
  SecurityEventConnection: ResolverTypeWrapper<Omit<SecurityEventConnection, 'edges'> & { edges: Array<ResolversTypes['SecurityEventEdge']> }>;
  SecurityEventEdge: ResolverTypeWrapper<Omit<SecurityEventEdge, 'node'> & { node: ResolversTypes['SecurityEvent'] }>;
  SecurityEventType: SecurityEventType;
  Session: ResolverTypeWrapper<SessionModel>;
  SessionEndReason: SessionEndReason;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TokenTransport: TokenTransport;
  User: ResolverTypeWrapper<UserModel>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges'> & { edges: Array<ResolversTypes['UserEdge']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AuthPayload: Omit<AuthPayload, 'session' | 'user'> & { session: ResolversParentTypes['Session'], user: ResolversParentTypes['User'] };
  Boolean: Scalars['Boolean']['output'];
  DateTime: Scalars['DateTime']['output'];
  EmailAddress: Scalars['EmailAddress']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  LoginInput: LoginInput;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  RegisterInput: RegisterInput;
  SecurityEvent: SecurityEventModel;
  SecurityEventConnection: Omit<SecurityEventConnection, 'edges'> & { edges: Array<ResolversParentTypes['SecurityEventEdge']> };
  SecurityEventEdge: Omit<SecurityEventEdge, 'node'> & { node: ResolversParentTypes['SecurityEvent'] };
  Session: SessionModel;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  User: UserModel;
  UserConnection: Omit<UserConnection, 'edges'> & { edges: Array<ResolversParentTypes['UserEdge']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
};

export type AuthDirectiveArgs = {
  requires?: Maybe<Role>;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AuthPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['AuthPayload'] = ResolversParentTypes['AuthPayload']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  accessTokenExpiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refreshToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  refreshTokenExpiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  session?: Resolver<ResolversTypes['Session'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface EmailAddressScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['EmailAddress'], any> {
  name: 'EmailAddress';
}

export type MutationResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  changePassword: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationChangePasswordArgs, 'currentPassword' | 'newPassword'>>;
  login: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationLoginArgs, 'input'>>;
  logout: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, Partial<MutationLogoutArgs>>;
  refreshToken: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, Partial<MutationRefreshTokenArgs>>;
  register: Resolver<ResolversTypes['AuthPayload'], ParentType, ContextType, RequireFields<MutationRegisterArgs, 'input'>>;
  renameSession: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationRenameSessionArgs, 'deviceName' | 'id'>>;
  revokeOtherSessions: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  revokeSession: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeSessionArgs, 'id'>>;
  revokeUserSessions: Resolver<ResolversTypes['Int'], ParentType, ContextType, RequireFields<MutationRevokeUserSessionsArgs, 'userId'>>;
  setUserRole: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationSetUserRoleArgs, 'role' | 'userId'>>;
};

export type PageInfoResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  me: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  securityEvents: Resolver<ResolversTypes['SecurityEventConnection'], ParentType, ContextType, RequireFields<QuerySecurityEventsArgs, 'first'>>;
  serverTime: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  sessions: Resolver<Array<ResolversTypes['Session']>, ParentType, ContextType>;
  users: Resolver<ResolversTypes['UserConnection'], ParentType, ContextType, RequireFields<QueryUsersArgs, 'first'>>;
};

export type SecurityEventResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SecurityEvent'] = ResolversParentTypes['SecurityEvent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  ipAddress?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['SessionEndReason']>, ParentType, ContextType>;
  session?: Resolver<Maybe<ResolversTypes['Session']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['SecurityEventType'], ParentType, ContextType>;
  userAgent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SecurityEventConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SecurityEventConnection'] = ResolversParentTypes['SecurityEventConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SecurityEventEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SecurityEventEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SecurityEventEdge'] = ResolversParentTypes['SecurityEventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['SecurityEvent'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  appId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  deviceId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  deviceName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  ipAddress?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastSeenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  userAgent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  securityEvent: SubscriptionResolver<ResolversTypes['SecurityEvent'], "securityEvent", ParentType, ContextType>;
};

export type UserResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['EmailAddress'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<Array<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphContext> = {
  AuthPayload?: AuthPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  EmailAddress?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  SecurityEvent?: SecurityEventResolvers<ContextType>;
  SecurityEventConnection?: SecurityEventConnectionResolvers<ContextType>;
  SecurityEventEdge?: SecurityEventEdgeResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = GraphContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
};
