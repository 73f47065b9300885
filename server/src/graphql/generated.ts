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
   * An e-mail address. Surrounding spaces are removed and letters are lowered, so `" Ada@Example.com"` and
   * `"ada@example.com"` name one account. At most 254 characters.
   */
  EmailAddress: { input: string; output: string; }
};

/** What a sign-in, a sign-up and a refresh give: an access token, a refresh token, and whose they are. */
export type AuthPayload = {
  __typename?: 'AuthPayload';
  /** A JWT for the header `Authorization: Bearer …`. Keep it in memory. */
  accessToken: Scalars['String']['output'];
  /** How long the access token is good, in seconds from now; never longer than its session, so 0 at its very end. */
  accessTokenExpiresIn: Scalars['Int']['output'];
  /** Spent by use: every refresh gives the next one. Null with `COOKIE`. */
  refreshToken: Maybe<Scalars['String']['output']>;
  /** How long the refresh token is good if it is not used, in seconds from now. */
  refreshTokenExpiresIn: Scalars['Int']['output'];
  /** The session that was opened or went on. */
  session: Session;
  /** Who signed in. */
  user: User;
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

export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Sets a new password and ends all other sessions. Errors: `INVALID_CREDENTIALS` (the current password is wrong),
   * `BAD_USER_INPUT`, `RATE_LIMITED`.
   */
  changePassword: Scalars['Boolean']['output'];
  /**
   * Signs in. Errors: `INVALID_CREDENTIALS` (the same for a wrong e-mail and a wrong password), `BAD_USER_INPUT`,
   * `RATE_LIMITED`.
   */
  login: AuthPayload;
  /**
   * Ends the session of the refresh token given, or of the access token where that is of no use or none is given; with
   * neither, that of the cookie. At once, with all its tokens. Always true, also when the session was over already.
   */
  logout: Scalars['Boolean']['output'];
  /**
   * Exchanges a refresh token for the next one and a new access token. A repeated call within the grace period gets the
   * same next token; an older token ends the session. Errors: `BAD_USER_INPUT` (no token given), `FORBIDDEN` with
   * `reason` `REFRESH_TOKEN_INVALID`, `REFRESH_TOKEN_EXPIRED`, `SESSION_REVOKED` or `REFRESH_TOKEN_REUSED`,
   * `RATE_LIMITED`. Only those four reasons mean that the person has to sign in again.
   */
  refreshToken: AuthPayload;
  /** Makes an account and signs it in. Errors: `BAD_USER_INPUT`, `CONFLICT` (e-mail or username is taken), `RATE_LIMITED`. */
  register: AuthPayload;
  /** Gives a device another name. Errors: `NOT_FOUND`, `BAD_USER_INPUT`. */
  renameSession: Session;
  /** Ends all sessions of the signed-in person but the current one, at once; gives how many. */
  revokeOtherSessions: Scalars['Int']['output'];
  /** Ends one session of the signed-in person at once, the current one too. Errors: `NOT_FOUND`. */
  revokeSession: Scalars['Boolean']['output'];
  /** Ends all sessions of a person at once; gives how many. For admins. Errors: `NOT_FOUND`. */
  revokeUserSessions: Scalars['Int']['output'];
  /** Changes what a person may do, from that person's next request on. For admins. Errors: `NOT_FOUND`. */
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

/** Where a page stands in its list, by the Relay rules for cursors. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last item; null for an empty page. */
  endCursor: Maybe<Scalars['String']['output']>;
  /** True when more follows. */
  hasNextPage: Scalars['Boolean']['output'];
  /** True when the page was asked for behind a cursor. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first item; null for an empty page. */
  startCursor: Maybe<Scalars['String']['output']>;
};

export type Query = {
  __typename?: 'Query';
  /** The signed-in person. */
  me: User;
  /** What happened to the safety of the signed-in person's account, newest first. */
  securityEvents: SecurityEventConnection;
  /** The server's clock. Public: a way to see that the API answers. */
  serverTime: Scalars['DateTime']['output'];
  /** The signed-in person's live sessions, the current one first, then by last use; at most 100. */
  sessions: Array<Session>;
  /** All people, by username. For admins. */
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
  /** The public name: 1 to 50 characters in any script, without control or invisible ones. */
  username: Scalars['String']['input'];
};

/** What a person may do. */
export type Role =
  /** May also see all people, change roles and end anybody's sessions. */
  | 'ADMIN'
  /** Everyone who has an account. */
  | 'USER';

/** Something that happened to the safety of an account. */
export type SecurityEvent = {
  __typename?: 'SecurityEvent';
  /** When. */
  at: Scalars['DateTime']['output'];
  /** Never changes; later events have higher ones. */
  id: Scalars['ID']['output'];
  /** The network address it came from, where it came from one. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** Why the session ended; null for other events. */
  reason: Maybe<SessionEndReason>;
  /** The session it is about, for as long as that is kept. */
  session: Maybe<Session>;
  /** What happened. */
  type: SecurityEventType;
  /** The `User-Agent` header it came with, where it came with one. */
  userAgent: Maybe<Scalars['String']['output']>;
};

/** A page of security events. */
export type SecurityEventConnection = {
  __typename?: 'SecurityEventConnection';
  /** The events of this page, newest first. */
  edges: Array<SecurityEventEdge>;
  /** Where the page stands. */
  pageInfo: PageInfo;
};

/** An event with its place in the list. */
export type SecurityEventEdge = {
  __typename?: 'SecurityEventEdge';
  /** Hand it back as `after` to go on behind this event. */
  cursor: Scalars['String']['output'];
  /** The event. */
  node: SecurityEvent;
};

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

/** One sign-in on one device. */
export type Session = {
  __typename?: 'Session';
  /** The app that signed in, as it named itself. */
  appId: Maybe<Scalars['String']['output']>;
  /** When the person signed in. */
  createdAt: Scalars['DateTime']['output'];
  /** True for the session this request was made with, or which it opened or refreshed. */
  current: Scalars['Boolean']['output'];
  /** The device, as the app named it. A new sign-in of the same person, app and device replaces this session. */
  deviceId: Maybe<Scalars['String']['output']>;
  /** A name for people, for example `Ada's laptop`. */
  deviceName: Maybe<Scalars['String']['output']>;
  /** When the session ends unless it is refreshed before. */
  expiresAt: Scalars['DateTime']['output'];
  /** Never changes; the `sid` claim of both tokens. */
  id: Scalars['ID']['output'];
  /** The network address of the sign-in or the last refresh. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** When the session was last used. */
  lastSeenAt: Scalars['DateTime']['output'];
  /** The `User-Agent` header of the sign-in or the last refresh. */
  userAgent: Maybe<Scalars['String']['output']>;
};

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

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * What happens to the safety of the signed-in person's account, from now on, as it happens. What happened before, or while the
   * socket was away, is in `securityEvents`. Runs over a WebSocket on this path (`graphql-transport-ws`), with the access token in
   * `connection_init` as `{ "authorization": "Bearer …" }`; the socket closes with 4403 when the token or the session ends.
   */
  securityEvent: SecurityEvent;
};

/** How the refresh token travels between client and server. */
export type TokenTransport =
  /** In the answer and the argument. For clients without a cookie jar, and for apps that store it themselves. */
  | 'BODY'
  /** In an `HttpOnly; SameSite=Strict` cookie that no script can read; never in the answer. For browsers. */
  | 'COOKIE';

/** A person with an account. */
export type User = {
  __typename?: 'User';
  /** When the account was made. */
  createdAt: Scalars['DateTime']['output'];
  /** The address the person signs in with. */
  email: Scalars['EmailAddress']['output'];
  /** Never changes. */
  id: Scalars['ID']['output'];
  /** What the person may do. */
  role: Role;
  /** The public name, in any script. Unique without regard to case and to what nobody sees. */
  username: Scalars['String']['output'];
};

/** A page of people. */
export type UserConnection = {
  __typename?: 'UserConnection';
  /** The people of this page, by username. */
  edges: Array<UserEdge>;
  /** Where the page stands. */
  pageInfo: PageInfo;
};

/** A person with the place in the list. */
export type UserEdge = {
  __typename?: 'UserEdge';
  /** Hand it back as `after` to go on behind this person. */
  cursor: Scalars['String']['output'];
  /** The person. */
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
