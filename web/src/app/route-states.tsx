// What a route shows when it is not there, failed, or takes a moment.
import { Link, useRouter } from "@tanstack/react-router";
import { queryClient } from "../api/queries";
import { Brand } from "../ui/brand";
import { buttonClass } from "../ui/button";
import { useTitle } from "../ui/page";
import { Failed } from "../ui/states";

export function NotFound() {
  useTitle("Not found");
  return (
    <main className="grid h-full place-items-center p-6">
      <div className="flex flex-col items-center text-center">
        <Brand />
        <h1 className="mt-6 font-semibold text-xl tracking-tight">There is no such page</h1>
        <p className="mt-1 mb-5 text-ink2">The address may be mistyped, or what it named is gone.</p>
        <Link to="/" className={buttonClass()}>
          To the overview
        </Link>
      </div>
    </main>
  );
}

export function RouteFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <main className="grid h-full place-items-center">
      <Failed
        error={error}
        what="This view could not be opened"
        onRetry={() => {
          queryClient.removeQueries({ predicate: (query) => query.state.status === "error" });
          void router.invalidate();
        }}
      />
    </main>
  );
}

export function RoutePending() {
  return (
    <main className="grid h-full place-items-center" aria-busy="true">
      <div className="opacity-60">
        <Brand />
      </div>
    </main>
  );
}
