// The one HTTP client. It speaks the paths and types of the OpenAPI document, renews an ended access token once, and turns every
// refusal into an ApiError.
import createClient from "openapi-fetch";
import { problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { renew } from "./session";

const PUBLIC = /\/api\/v1\/(auth\/(login|refresh|logout)|setup)$/;

/** `fetch` with the session's cookies: after a 401 the session is renewed and the request sent once more. */
export async function sessionFetch(input: Request): Promise<Response> {
  const again = input.clone();
  const sent = Date.now();
  const response = await fetch(input).catch((error: unknown) => {
    if (input.signal.aborted) throw error;
    throw unreachable();
  });
  if (response.status !== 401 || PUBLIC.test(new URL(input.url).pathname)) return response;
  if (!(await renew(sent))) return response;
  return fetch(again).catch((error: unknown) => {
    if (input.signal.aborted) throw error;
    throw unreachable();
  });
}

/** The typed client: `api.GET("/api/v1/agents", …)`. Wrap calls in [`ask`]. */
export const api = createClient<paths>({ baseUrl: typeof location === "undefined" ? "" : location.origin, fetch: sessionFetch });

/** The data of an answer, or an ApiError. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok || error !== undefined) throw problemOf(error, response);
  return data as T;
}
