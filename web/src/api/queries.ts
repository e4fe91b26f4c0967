// Questions that several views ask, with the cache keys they share. Lists that live events patch row by row are not here but in rows.
import { QueryClient, queryOptions } from "@tanstack/react-query";
import { api, ask } from "./client";
import { ApiError } from "./problem";
import { sessionSeen } from "./session";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: false,
    },
  },
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await ask(api.GET("/api/v1/auth/me"));
    sessionSeen();
    return me;
  },
  staleTime: 5 * 60_000,
});

export const setupQuery = queryOptions({ queryKey: ["setup"], queryFn: () => ask(api.GET("/api/v1/setup")), staleTime: 0 });

export const statusQuery = queryOptions({ queryKey: ["status"], queryFn: () => ask(api.GET("/api/v1/status")), refetchInterval: 60_000 });

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: () => ask(api.GET("/api/v1/overview")),
  refetchInterval: 60_000,
});

/** One agent in full. The row that the list already has is shown while the rest is under way. */
export function agentQuery(id: string) {
  return queryOptions({
    queryKey: ["agent", id],
    queryFn: () => ask(api.GET("/api/v1/agents/{id}", { params: { path: { id } } })),
    // A row that changes asks again (see live wiring); this is the net under it.
    refetchInterval: 60_000,
  });
}

export const profileQuery = queryOptions({ queryKey: ["profile"], queryFn: () => ask(api.GET("/api/v1/me")) });

export const rolesQuery = queryOptions({ queryKey: ["roles"], queryFn: () => ask(api.GET("/api/v1/admin/roles")), staleTime: 30_000 });

export const actionsQuery = queryOptions({
  queryKey: ["actions"],
  queryFn: () => ask(api.GET("/api/v1/admin/actions")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const accessRequestsQuery = queryOptions({
  queryKey: ["access-requests"],
  queryFn: () => ask(api.GET("/api/v1/access-requests", { params: { query: { limit: 200 } } })),
});

export const clustersQuery = queryOptions({
  queryKey: ["clusters"],
  queryFn: () => ask(api.GET("/api/v1/clusters")),
  // Figures of the last minute move without an event.
  refetchInterval: 30_000,
});

export function clusterQuery(name: string) {
  return queryOptions({
    queryKey: ["cluster", name],
    queryFn: () => ask(api.GET("/api/v1/clusters/{name}", { params: { path: { name } } })),
    refetchInterval: 30_000,
  });
}
