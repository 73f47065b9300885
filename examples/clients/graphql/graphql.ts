/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The input of `login`. */
export type LoginInput = {
  /** A stable identifier of the app, at most 100 characters. */
  appId?: string | null | undefined;
  /** A stable identifier of the device, at most 200 characters. A new sign-in with the same `appId` and `deviceId` replaces this session. */
  deviceId?: string | null | undefined;
  /** A display name for the device, at most 100 characters. */
  deviceName?: string | null | undefined;
  /** The address of the account. */
  email: string;
  /** The password, at most 1,000 characters. */
  password: string;
  /** How the refresh token is sent. */
  tokenTransport?: TokenTransport | null | undefined;
};

/** The permissions of a user. */
export type Role =
  /** Can also list all users, change roles and end any user's sessions. */
  | 'ADMIN'
  /** The default role. */
  | 'USER';

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

/** How the refresh token is sent between client and server. */
export type TokenTransport =
  /** In the response and the argument. For clients without a cookie jar and apps that store the token themselves. */
  | 'BODY'
  /** In an `HttpOnly; SameSite=Strict` cookie that scripts cannot read; never in the response. For browsers. */
  | 'COOKIE';

export type SignInMutationVariables = Exact<{
  input: LoginInput;
}>;


export type SignInMutation = { login: { accessToken: string, accessTokenExpiresIn: number, refreshToken: string | null, user: { id: string } } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { username: string, role: Role, createdAt: string } };

export type OnSecurityEventSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type OnSecurityEventSubscription = { securityEvent: { type: SecurityEventType, at: string } };


export const SignInDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SignIn"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"LoginInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"login"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accessToken"}},{"kind":"Field","name":{"kind":"Name","value":"accessTokenExpiresIn"}},{"kind":"Field","name":{"kind":"Name","value":"refreshToken"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<SignInMutation, SignInMutationVariables>;
export const MeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"username"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]}}]} as unknown as DocumentNode<MeQuery, MeQueryVariables>;
export const OnSecurityEventDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OnSecurityEvent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"securityEvent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}}]}}]} as unknown as DocumentNode<OnSecurityEventSubscription, OnSecurityEventSubscriptionVariables>;