// One button for each identity provider. They are links: the browser leaves for the provider and comes back.
import { queryOptions } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import type { ReactNode } from "react";
import { api, ask } from "../../api/client";
import type { ProviderButton } from "../../api/types";
import { safeNext } from "../../api/url";
import { buttonClass } from "../../ui/button";
import { cx } from "../../ui/cx";

export const providersQuery = queryOptions({
  queryKey: ["login-providers"],
  queryFn: () => ask(api.GET("/api/v1/auth/providers")),
  staleTime: 60_000,
});

/** The four squares, as Microsoft's rules for such buttons want them. */
function Microsoft() {
  return (
    <svg width="16" height="16" viewBox="0 0 21 21" aria-hidden="true" className="shrink-0">
      <rect x="1" y="1" width="9" height="9" fill="#f25022" />
      <rect x="11" y="1" width="9" height="9" fill="#7fba00" />
      <rect x="1" y="11" width="9" height="9" fill="#00a4ef" />
      <rect x="11" y="11" width="9" height="9" fill="#ffb900" />
    </svg>
  );
}

function words(provider: ProviderButton, all: readonly ProviderButton[]): ReactNode {
  const alone = all.filter((each) => each.kind === "entra").length === 1;
  if (provider.kind === "entra" && alone) return "Sign in with Microsoft";
  return `Log in with ${provider.label}`;
}

export function SsoButtons({ providers, next }: { providers: readonly ProviderButton[]; next: string | undefined }) {
  return providers.map((provider) => {
    const entra = provider.kind === "entra";
    return (
      <a
        key={provider.name}
        href={`/api/v1/auth/oidc/${encodeURIComponent(provider.name)}/start?return_to=${encodeURIComponent(safeNext(next))}`}
        className={cx(
          entra
            ? "inline-flex h-10 items-center justify-center gap-3 border border-[#8c8c8c] bg-[#fff] font-semibold text-[#5e5e5e] text-sm hover:bg-[#f3f3f3] dark:bg-[#2f2f2f] dark:text-[#fff] dark:hover:bg-[#3b3b3b]"
            : cx(buttonClass(), "h-10"),
        )}
      >
        {entra ? <Microsoft /> : <LogIn size={15} aria-hidden />}
        {words(provider, providers)}
      </a>
    );
  });
}
