// The URL table of the page. Each view is loaded when it is first opened; what stands under the shell needs a login.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { ApiError } from "../api/problem";
import { meQuery, queryClient, setupQuery } from "../api/queries";
import { loginSearch } from "../api/session";
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
      throw redirect({ to: "/login", search: loginSearch(location.href) });
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

const clusters = createRoute({
  getParentRoute: () => inside,
  path: "/clusters",
  component: lazyRouteComponent(() => import("../features/clusters/clusters-page"), "ClustersPage"),
});

const cluster = createRoute({
  getParentRoute: () => inside,
  path: "/clusters/$name",
  component: lazyRouteComponent(() => import("../features/clusters/cluster-page"), "ClusterPage"),
});

const logs = createRoute({
  getParentRoute: () => inside,
  path: "/logs",
  component: lazyRouteComponent(() => import("../features/logs/logs-page"), "LogsPage"),
});

const link = createRoute({
  getParentRoute: () => root,
  path: "/login/link",
  component: lazyRouteComponent(() => import("../features/identity/link-page"), "LinkPage"),
});

const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot",
  component: lazyRouteComponent(() => import("../features/identity/forgot-page"), "ForgotPage"),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("../features/identity/reset-page"), "ResetPage"),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite",
  component: lazyRouteComponent(() => import("../features/identity/invite-page"), "InvitePage"),
});

const verify = createRoute({
  getParentRoute: () => root,
  path: "/verify",
  component: lazyRouteComponent(() => import("../features/identity/verify-page"), "VerifyPage"),
});

const approvals = createRoute({
  getParentRoute: () => inside,
  path: "/approvals",
  component: lazyRouteComponent(() => import("../features/approvals/approvals-page"), "ApprovalsPage"),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: "/account",
  component: lazyRouteComponent(() => import("./account-page"), "AccountPage"),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: "/users",
  component: lazyRouteComponent(() => import("../features/users/users-page"), "UsersPage"),
});

const user = createRoute({
  getParentRoute: () => inside,
  path: "/users/$id",
  component: lazyRouteComponent(() => import("../features/users/user-page"), "UserPage"),
});

const invites = createRoute({
  getParentRoute: () => inside,
  path: "/invites",
  component: lazyRouteComponent(() => import("../features/invites/invites-page"), "InvitesPage"),
});

const roles = createRoute({
  getParentRoute: () => inside,
  path: "/roles",
  component: lazyRouteComponent(() => import("../features/roles/roles-page"), "RolesPage"),
});

const role = createRoute({
  getParentRoute: () => inside,
  path: "/roles/$name",
  component: lazyRouteComponent(() => import("../features/roles/role-page"), "RolePage"),
});

const tokens = createRoute({
  getParentRoute: () => inside,
  path: "/tokens",
  component: lazyRouteComponent(() => import("../features/tokens/tokens-page"), "TokensPage"),
});

const audit = createRoute({
  getParentRoute: () => inside,
  path: "/audit",
  component: lazyRouteComponent(() => import("../features/audit/audit-page"), "AuditPage"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings-page"), "SettingsPage"),
});

const open = [login, setup, link, forgot, reset, invite, verify];
const shut = [
  overview,
  agents,
  agent,
  clusters,
  cluster,
  logs,
  approvals,
  account,
  users,
  user,
  invites,
  roles,
  role,
  tokens,
  audit,
  settings,
];

export const router = createRouter({
  routeTree: root.addChildren([...open, inside.addChildren(shut)]),
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
