// What went wrong with a request, as one kind of error that views can show.
import type { Problem } from "./types";

/** A refused or failed request. `message` is one line for people. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  /** Seconds to wait before another try, when the server said so. */
  readonly retryAfter: number | null;

  constructor(problem: Partial<Problem>, retryAfter: number | null = null) {
    super(problem.detail || problem.title || "The request failed.");
    this.name = "ApiError";
    this.code = problem.code ?? "unknown";
    this.status = problem.status ?? 0;
    this.requestId = problem.request_id ?? "";
    this.retryAfter = retryAfter;
  }
}

/** The error for a server that could not be reached at all. */
export function unreachable(): ApiError {
  return new ApiError({ code: "unreachable", detail: "The server does not answer. Check that it runs and that this machine reaches it." });
}

/** The error in an answer that is not a success. */
export function problemOf(body: unknown, response: Response): ApiError {
  const wait = Number(response.headers.get("retry-after"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  if (typeof body === "object" && body !== null && "code" in body) {
    return new ApiError({ status: response.status, ...(body as Partial<Problem>) }, retryAfter);
  }
  const detail =
    response.status >= 500
      ? `The server failed (HTTP ${response.status}). Its log says why.`
      : `The server refused (HTTP ${response.status}).`;
  return new ApiError({ code: "unknown", status: response.status, detail }, retryAfter);
}

/** One line about any error. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong.";
}
