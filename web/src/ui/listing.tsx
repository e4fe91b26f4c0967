// A list in its four states, from one question to the server.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Denial, Reason } from "../api/me";
import { NotAllowed } from "./not-allowed";
import { Failed, SkeletonRows } from "./states";

interface ListingProps<T> {
  answer: Pick<UseQueryResult<T>, "isPending" | "isError" | "error" | "data" | "refetch">;
  /** "The invites": the beginning of the sentence about a failure. */
  what: string;
  /** Why it is not even asked for. */
  denied?: Reason;
  /** What is asked for, where only the answer tells whether one may. */
  denial?: Omit<Denial, "text"> | undefined;
  rows?: number;
  rowClass?: string;
  /** What is shown instead of an empty list; null when there is something. */
  empty: (data: T) => ReactNode | null;
  children: (data: T) => ReactNode;
}

export function Listing<T>({ answer, what, denied, denial, rows = 4, rowClass = "h-14", empty, children }: ListingProps<T>) {
  if (denied) return <NotAllowed reason={denied} />;
  if (answer.isPending) return <SkeletonRows rows={rows} className={rowClass} />;
  if (answer.data === undefined)
    return <Failed error={answer.error} what={`${what} could not be read`} onRetry={() => void answer.refetch()} denial={denial} />;
  return <>{empty(answer.data) ?? children(answer.data)}</>;
}
