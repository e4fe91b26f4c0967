// The one HTTP client. It speaks the paths and types of the OpenAPI document, renews an ended access token once, and turns every
// refusal into an ApiError.
import createClient from "openapi-fetch";
import { problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { renew } from "./session";
import { stepUpAsk } from "./step-up";

/** Answers 401 there mean "wrong", not "the session has ended". */
const PUBLIC = /\/api\/v1\/(auth\/(?!me$|step-up)|setup$)/;

async function send(request: Request): Promise<Response> {
  return fetch(request).catch((error: unknown) => {
    if (request.signal.aborted) throw error;
    throw unreachable();
  });
}

/** Whether the answer asks the person to prove again who they are. */
async function wantsStepUp(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return typeof body === "object" && body !== null && "code" in body && body.code === "step_up_required";
}

/**
 * `fetch` with the session's cookies. After a 401 the session is renewed and the request sent once more; when the server wants to know
 * again who is there, the step-up dialog asks, and the request is sent once more after it.
 */
export async function sessionFetch(input: Request): Promise<Response> {
  const again = input.clone();
  const afterStepUp = input.clone();
  const sent = Date.now();
  let response = await send(input);
  if (response.status === 401 && !PUBLIC.test(new URL(input.url).pathname) && (await renew(sent))) response = await send(again);
  if ((await wantsStepUp(response)) && (await stepUpAsk())) response = await send(afterStepUp);
  return response;
}

/** The typed client: `api.GET("/api/v1/agents", …)`. Wrap calls in [`ask`]. */
export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  fetch: sessionFetch,
});

/** The data of an answer, or an ApiError. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok || error !== undefined) throw problemOf(error, response);
  return data as T;
}
