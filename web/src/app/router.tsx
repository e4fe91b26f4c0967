// The URL table of the page. Each view is loaded when it is first opened; what stands under the shell needs a login.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { ApiError } from "../api/problem";
import { meQuery, queryClient, setupQuery } from "../api/queries";
import { type Search, safeNext, searchParse, searchText } from "../api/url";
import { NotFound, RouteFailed, RoutePending } from "./route-states";
import { Shell } from "./shell";

const validateSearch = (raw: Record<string, unknown>): Search => raw as Search;

const root = createRootRoute({ component: Outlet, validateSearch, notFoundComponent: NotFound, errorComponent: RouteFailed });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  beforeLoad: async ({ search }) => {
    if ((await queryClient.fetchQuery(setupQuery).catch(() => null))?.needed) throw redirect({ to: "/setup" });
    if (queryClient.getQueryData(meQuery.queryKey)) throw redirect({ href: safeNext(search.next) });
  },
  component: lazyRouteComponent(() => import("../features/identity/login-page"), "LoginPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("../features/identity/setup-page"), "SetupPage"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const setupNeeded = await queryClient.fetchQuery(setupQuery).catch(() => null);
      if (setupNeeded?.needed) throw redirect({ to: "/setup" });
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
  component: Shell,
  errorComponent: RouteFailed,
  pendingComponent: RoutePending,
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("../features/overview/overview-page"), "OverviewPage"),
});

const agents = createRoute({
  getParentRoute: () => inside,
  path: "/agents",
  component: lazyRouteComponent(() => import("../features/agents/agents-page"), "AgentsPage"),
});

const agent = createRoute({
  getParentRoute: () => inside,
  path: "/agents/$name",
  component: lazyRouteComponent(() => import("../features/agents/agent-page"), "AgentPage"),
});

const logs = createRoute({
  getParentRoute: () => inside,
  path: "/logs",
  component: lazyRouteComponent(() => import("../features/logs/logs-page"), "LogsPage"),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: "/users",
  component: lazyRouteComponent(() => import("../features/users/users-page"), "UsersPage"),
});

const audit = createRoute({
  getParentRoute: () => inside,
  path: "/audit",
  component: lazyRouteComponent(() => import("../features/audit/audit-page"), "AuditPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([login, setup, inside.addChildren([overview, agents, agent, logs, users, audit])]),
  parseSearch: (text) => searchParse(text) as Record<string, unknown>,
  stringifySearch: searchText,
  defaultPreload: "intent",
  defaultPendingMs: 300,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
