// What a route shows when it is not there, failed, or takes a moment.
import { Link, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { queryClient } from "../api/queries";
import { Brand } from "../ui/brand";
import { buttonClass } from "../ui/button";
import { Empty, Failed } from "../ui/states";

export function NotFound() {
  return (
    <Empty
      icon={<Compass size={20} aria-hidden />}
      title="There is no such page"
      action={
        <Link to="/" className={buttonClass()}>
          To the overview
        </Link>
      }
    >
      The address may be mistyped, or what it named is gone.
    </Empty>
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
