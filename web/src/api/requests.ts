// Access requests as several views need them: how many wait for this person's decision.
import { useQuery } from "@tanstack/react-query";
import { useMay } from "./me";
import { accessRequestsQuery } from "./queries";

/** How many requests wait for this person's decision. */
export function useWaiting(): number {
  const { data } = useQuery({ ...accessRequestsQuery, enabled: useMay("access_request_list") });
  return data?.items.filter((request) => request.state === "pending" && request.may_decide).length ?? 0;
}
