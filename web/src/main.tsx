// Where the page begins: the feed is wired to the stores, then the router takes over.
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { feedClear, feedWire } from "./api/feed";
import { queryClient } from "./api/queries";
import { loginSearch, onSessionEnd } from "./api/session";
import { isPublicPath } from "./api/url";
import { router } from "./app/router";
import "./app/styles.css";

feedWire();
onSessionEnd(() => {
  const { pathname, href } = router.state.location;
  feedClear();
  if (isPublicPath(pathname)) return;
  void router.navigate({ to: "/login", search: loginSearch(href), replace: true });
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      {/* The content policy forbids style elements; the parts used here need none. */}
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
